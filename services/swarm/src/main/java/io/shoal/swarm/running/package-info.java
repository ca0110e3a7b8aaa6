/** Slices that this worker runs: what Kafka says is wanted of one becomes a torrent in the engine, or a search for metadata. */
@NullMarked
package io.shoal.swarm.running;

import org.jspecify.annotations.NullMarked;
