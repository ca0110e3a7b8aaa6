/** The limits and the usage of each tenant, and how its downloads take turns. */
@NullMarked
package io.shoal.intake.quotas;

import org.jspecify.annotations.NullMarked;
