/** Telling trackers that we are there, and hearing from them who else is (BEP 3, 7, 12, 15, 21, 23). */
@NullMarked
package io.shoal.engine.announce;

import org.jspecify.annotations.NullMarked;
