/** Turns a .torrent or a magnet into a transfer, a torrent and work for the fleet, and removes them again. */
@NullMarked
package io.shoal.intake.planning;

import org.jspecify.annotations.NullMarked;
