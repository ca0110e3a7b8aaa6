package io.shoal.engine.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.shoal.engine.net.Datagrams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One UDP socket. */
@SuppressWarnings("FutureReturnValueIgnored") // failures are counted in exceptionCaught
final class NettyDatagrams extends ChannelInboundHandlerAdapter implements Datagrams {
    private static final Logger LOG = LoggerFactory.getLogger(NettyDatagrams.class);

    private final Channel channel;
    private final InetSocketAddress local;
    private final Receiver receiver;
    private final AtomicLong failures = new AtomicLong();

    /** @param local as asked for; the port may be any */
    NettyDatagrams(Channel channel, InetSocketAddress local, Receiver receiver) {
        this.channel = channel;
        this.local = local;
        this.receiver = receiver;
    }

    @Override
    public InetSocketAddress local() {
        // The system reports a wildcard address of either family as it likes.
        return new InetSocketAddress(local.getAddress(), ((InetSocketAddress) channel.localAddress()).getPort());
    }

    @Override
    public void send(ByteBuf bytes, InetSocketAddress to) {
        if (channel.isWritable()) {
            channel.write(new DatagramPacket(bytes, to), channel.voidPromise());
        } else {
            bytes.release();
            failures.incrementAndGet();
        }
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public long failures() {
        return failures.get();
    }

    @Override
    public void close() {
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            DatagramPacket datagram = (DatagramPacket) message;
            receiver.received(datagram.content(), datagram.sender());
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    @SuppressWarnings(
            "deprecation") // only ChannelHandler's is deprecated; the override is how inbound handlers receive failures
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) { // of one datagram: no route, refused, too long
            failures.incrementAndGet();
        } else {
            LOG.error("A fault of this engine lost a datagram", cause);
        }
    }
}
