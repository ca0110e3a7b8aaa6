/** What is written down of operators and keys. */
@NullMarked
package io.shoal.intake.audit;

import org.jspecify.annotations.NullMarked;
