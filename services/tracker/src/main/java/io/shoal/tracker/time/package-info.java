/** The tracker's clock. */
@NullMarked
package io.shoal.tracker.time;

import org.jspecify.annotations.NullMarked;
