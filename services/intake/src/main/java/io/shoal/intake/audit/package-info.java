/** The append-only log of what operators and keys did. */
@NullMarked
package io.shoal.intake.audit;

import org.jspecify.annotations.NullMarked;
