/** What the transfers of a torrent want, merged into what its worker is told. */
@NullMarked
package io.shoal.intake.wishes;

import org.jspecify.annotations.NullMarked;
