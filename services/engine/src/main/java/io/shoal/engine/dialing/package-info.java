/** Whom to connect to, and when. */
@NullMarked
package io.shoal.engine.dialing;

import org.jspecify.annotations.NullMarked;
