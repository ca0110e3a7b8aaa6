/** The Kafka edge: what intake says of torrents becomes admission. */
@NullMarked
package io.shoal.tracker.records;

import org.jspecify.annotations.NullMarked;
