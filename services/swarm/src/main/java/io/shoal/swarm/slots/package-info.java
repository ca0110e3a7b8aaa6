/** The lending of a worker's slots to its torrents, by progress. */
@NullMarked
package io.shoal.swarm.slots;

import org.jspecify.annotations.NullMarked;
