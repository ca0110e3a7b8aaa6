/** The threads of this service that never end, as liveness sees them. */
@NullMarked
package io.shoal.intake.loops;

import org.jspecify.annotations.NullMarked;
