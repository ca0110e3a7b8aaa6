package io.shoal.egress;

import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** Which type of sockets goes with an event loop. */
public final class SocketTypes {
    private SocketTypes() {}

    /** The type of TCP sockets. */
    public static Class<? extends SocketChannel> stream(EventLoop loop) {
        return isEpoll(loop) ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    private static boolean isEpoll(EventLoop loop) {
        return loop.parent() instanceof EpollEventLoopGroup;
    }
}
