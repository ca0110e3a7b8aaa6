/** Fetches that intake makes for tenants, from servers that they name. */
@NullMarked
package io.shoal.intake.fetches;

import org.jspecify.annotations.NullMarked;
