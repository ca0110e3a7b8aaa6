/** Users who look at the swarms of their transfers: asks the fleet for as long as they do, and keeps what it answers. */
@NullMarked
package io.shoal.intake.swarms;

import org.jspecify.annotations.NullMarked;
