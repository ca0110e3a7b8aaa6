/** How a .torrent or a magnet becomes a transfer, a torrent and work for the fleet, and how it goes away again. */
@NullMarked
package io.shoal.intake.planning;

import org.jspecify.annotations.NullMarked;
