/** The engine: all swarms that one process takes part in, and the ports at which their peers arrive. */
@NullMarked
package io.shoal.engine.swarms;

import org.jspecify.annotations.NullMarked;
