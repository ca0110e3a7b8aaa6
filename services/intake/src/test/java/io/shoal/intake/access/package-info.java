/** Who may pass, and how often. */
@NullMarked
package io.shoal.intake.access;

import org.jspecify.annotations.NullMarked;
