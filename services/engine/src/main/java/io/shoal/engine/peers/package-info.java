/** One peer: its connection, what both sides want and owe, and what has flowed. */
@NullMarked
package io.shoal.engine.peers;

import org.jspecify.annotations.NullMarked;
