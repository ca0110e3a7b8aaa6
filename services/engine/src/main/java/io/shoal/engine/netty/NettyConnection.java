package io.shoal.engine.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP connection. Between {@link #moveTo} and its arrival on the other loop nothing is read and no handler is
 * called; afterwards the new handler receives every call, the last one included, exactly once.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures end the connection, which channelInactive reports
final class NettyConnection extends ChannelInboundHandlerAdapter implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger(NettyConnection.class);

    private final Channel channel;
    private final Function<EventLoop, Loop> loops;
    private final InetSocketAddress remote;
    private final CappedReads reads = new CappedReads();
    private ConnectionHandler handler;
    private boolean moving;
    private boolean ended;

    NettyConnection(
            Channel channel, Function<EventLoop, Loop> loops, InetSocketAddress remote, ConnectionHandler handler) {
        this.channel = channel;
        this.loops = loops;
        this.remote = remote;
        this.handler = handler;
        channel.config().setRecvByteBufAllocator(reads);
    }

    @Override
    public Loop loop() {
        return loops.apply(channel.eventLoop());
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public void write(ByteBuf bytes) {
        channel.write(bytes, channel.voidPromise());
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void setReading(boolean reading) {
        channel.config().setAutoRead(reading);
    }

    @Override
    public void setReadSize(int most) {
        reads.most = most;
    }

    @Override
    public void moveTo(Loop loop, ConnectionHandler next) {
        if (loop.isCurrent()) {
            handler = next;
            next.opened(this);
            return;
        }
        moving = true;
        channel.config().setAutoRead(false);
        channel.deregister()
                .addListener(left -> ((NettyLoop) loop)
                        .eventLoop()
                        .register(channel)
                        .addListener(arrived -> loop.execute(() -> arrive(next))));
    }

    private void arrive(ConnectionHandler next) {
        moving = false;
        handler = next;
        if (!channel.isActive()) {
            channel.close();
            end();
            return;
        }
        next.opened(this);
        channel.config().setAutoRead(true);
    }

    @Override
    public void close() {
        channel.close();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        handler.opened(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!moving && !ended) {
                handler.received((ByteBuf) message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (!moving && !ended) {
            handler.writabilityChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!moving) {
            end();
        }
    }

    @Override
    @SuppressWarnings(
            "deprecation") // only ChannelHandler's is deprecated; the override is how inbound handlers receive failures
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) { // a reset or a time-out of the peer: only the end matters
            LOG.error("A fault of this engine ends the connection with {}", remote, cause);
        }
        channel.close();
    }

    /** The connection could not be opened. */
    void failed(ChannelFuture connecting) {
        if (!connecting.isSuccess()) {
            end();
        }
    }

    private void end() {
        if (!ended) {
            ended = true;
            handler.closed();
        }
    }
}
