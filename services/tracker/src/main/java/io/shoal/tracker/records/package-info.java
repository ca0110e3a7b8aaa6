/** The Kafka edge: reads intake's records into the admission rules, and publishes the accounting of members. */
@NullMarked
package io.shoal.tracker.records;

import org.jspecify.annotations.NullMarked;
