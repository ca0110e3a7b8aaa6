/** What members of private torrents sent and received, as the tracker counted it. */
@NullMarked
package io.shoal.intake.accounting;

import org.jspecify.annotations.NullMarked;
