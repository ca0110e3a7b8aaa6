/** The Kafka edge: what intake says of torrents becomes admission, and what members did is told as accounting. */
@NullMarked
package io.shoal.tracker.records;

import org.jspecify.annotations.NullMarked;
