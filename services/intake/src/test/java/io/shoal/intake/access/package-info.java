/** Authentication, and limits of requests. */
@NullMarked
package io.shoal.intake.access;

import org.jspecify.annotations.NullMarked;
