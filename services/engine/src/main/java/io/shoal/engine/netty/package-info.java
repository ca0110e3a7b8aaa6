/** The real network: TCP and UDP over Netty's loops, epoll where the system has it. */
@NullMarked
package io.shoal.engine.netty;

import org.jspecify.annotations.NullMarked;
