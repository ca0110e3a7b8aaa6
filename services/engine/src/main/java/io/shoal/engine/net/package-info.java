/** The environment of the engine: time, network, and which addresses may be reached. Tests can replace all of it. */
@NullMarked
package io.shoal.engine.net;

import org.jspecify.annotations.NullMarked;
