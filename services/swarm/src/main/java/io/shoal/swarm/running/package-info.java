/**
 * Slices that this worker runs: each record of what is wanted becomes a torrent in the engine, or a search for
 * metadata.
 */
@NullMarked
package io.shoal.swarm.running;

import org.jspecify.annotations.NullMarked;
