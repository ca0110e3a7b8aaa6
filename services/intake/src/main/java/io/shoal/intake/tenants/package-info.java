/** The isolated customers and the keys by which they are known. */
@NullMarked
package io.shoal.intake.tenants;

import org.jspecify.annotations.NullMarked;
