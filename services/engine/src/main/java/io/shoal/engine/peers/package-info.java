/** One peer: its connection, the requests and interest of both sides, and the rates. */
@NullMarked
package io.shoal.engine.peers;

import org.jspecify.annotations.NullMarked;
