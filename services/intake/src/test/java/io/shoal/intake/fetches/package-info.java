/** Tests of fetches for tenants. */
@NullMarked
package io.shoal.intake.fetches;

import org.jspecify.annotations.NullMarked;
