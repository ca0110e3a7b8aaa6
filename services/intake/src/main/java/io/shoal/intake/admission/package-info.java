/** Whom and what the tracker admits: the tenants' passkeys, the operator's lists and rules. */
@NullMarked
package io.shoal.intake.admission;

import org.jspecify.annotations.NullMarked;
