/** The life of a tenant. */
@NullMarked
package io.shoal.intake.tenants;

import org.jspecify.annotations.NullMarked;
