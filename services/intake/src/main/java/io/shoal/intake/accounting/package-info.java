/** The bytes that members of private torrents sent and received, as the tracker counted them. */
@NullMarked
package io.shoal.intake.accounting;

import org.jspecify.annotations.NullMarked;
