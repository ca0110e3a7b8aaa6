/** Which addresses are dialled, and when. */
@NullMarked
package io.shoal.engine.dialing;

import org.jspecify.annotations.NullMarked;
