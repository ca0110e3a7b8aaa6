/** What each tenant may use, what it uses, and how its downloads take turns. */
@NullMarked
package io.shoal.intake.quotas;

import org.jspecify.annotations.NullMarked;
