/** The categories of tenants' libraries. */
@NullMarked
package io.shoal.intake.categories;

import org.jspecify.annotations.NullMarked;
