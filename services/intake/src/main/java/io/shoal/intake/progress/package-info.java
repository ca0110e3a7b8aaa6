/** The reports of the fleet: transitions at once, counters once a minute, live figures in memory. */
@NullMarked
package io.shoal.intake.progress;

import org.jspecify.annotations.NullMarked;
