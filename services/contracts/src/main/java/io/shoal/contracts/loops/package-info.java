/** Loops that run as long as their service: how their failures are logged, and how liveness sees them. */
@NullMarked
package io.shoal.contracts.loops;

import org.jspecify.annotations.NullMarked;
