/** The world as the engine sees it: time, network, and who may be reached. A test can stand in for all of it. */
@NullMarked
package io.shoal.engine.net;

import org.jspecify.annotations.NullMarked;
