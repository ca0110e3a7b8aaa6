/** A torrent's verified bytes on their way from slots to objects in the store, and back to peers. */
@NullMarked
package io.shoal.swarm.segments;

import org.jspecify.annotations.NullMarked;
