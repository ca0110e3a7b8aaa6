/** Retries of transactions that conflicted with another one. */
@NullMarked
package io.shoal.intake.transactions;

import org.jspecify.annotations.NullMarked;
