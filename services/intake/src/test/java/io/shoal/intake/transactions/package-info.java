/** Transactions that meet. */
@NullMarked
package io.shoal.intake.transactions;

import org.jspecify.annotations.NullMarked;
