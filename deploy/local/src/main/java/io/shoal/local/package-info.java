/** The launcher behind {@code ./shoal}: the whole platform on one machine. */
@NullMarked
package io.shoal.local;

import org.jspecify.annotations.NullMarked;
