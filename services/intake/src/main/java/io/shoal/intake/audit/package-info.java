/** What operators and keys did, written down for good. */
@NullMarked
package io.shoal.intake.audit;

import org.jspecify.annotations.NullMarked;
