/** A torrent in a tenant's library, and the states that it goes through. */
@NullMarked
package io.shoal.intake.transfers;

import org.jspecify.annotations.NullMarked;
