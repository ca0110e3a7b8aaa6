/** Streams of libraries, as clients see them. */
@NullMarked
package io.shoal.intake.events;

import org.jspecify.annotations.NullMarked;
