/** The wishes of a torrent's transfers, merged into the wish that its worker receives. */
@NullMarked
package io.shoal.intake.wishes;

import org.jspecify.annotations.NullMarked;
