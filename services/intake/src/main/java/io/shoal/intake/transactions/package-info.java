/** What transactions do that met another one. */
@NullMarked
package io.shoal.intake.transactions;

import org.jspecify.annotations.NullMarked;
