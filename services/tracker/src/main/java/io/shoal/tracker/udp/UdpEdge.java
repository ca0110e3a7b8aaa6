package io.shoal.tracker.udp;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.shoal.tracker.announce.Tracker;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.networks.Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Listens for UDP: a socket for each thread on the same port (SO_REUSEPORT), among which the kernel spreads the askers. Packets
 * are received and sent by the dozen (recvmmsg, sendmmsg).
 */
public final class UdpEdge implements AutoCloseable {
    /** Bytes of the largest datagram that is read whole. What is longer than an Ethernet frame is no announce. */
    private static final int DATAGRAM_BYTES = 2_048;

    /** Datagrams of one recvmmsg. */
    private static final int BATCH = 64;

    private static final int REPLY_BYTES = 1_536;

    /** What the kernel may keep while a thread is busy. It grants less where net.core.rmem_max says so. */
    private static final int SOCKET_BUFFER_BYTES = 8 << 20;

    private final List<Channel> sockets;

    private UdpEdge(List<Channel> sockets) {
        this.sockets = sockets;
    }

    /** Listens at {@code address} with {@code threads} sockets; a failure to do so is the caller's to see. */
    public static UdpEdge listen(
            EventLoopGroup loops,
            int threads,
            InetSocketAddress address,
            Tracker tracker,
            Traffic traffic,
            ConnectionIds ids,
            LongSupplier clock) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loops)
                .channel(EpollDatagramChannel.class)
                .option(EpollChannelOption.SO_REUSEPORT, true)
                .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, DATAGRAM_BYTES)
                .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(DATAGRAM_BYTES * BATCH))
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES);
        Supplier<Datagrams> datagrams = () -> new Datagrams(tracker, traffic, ids, clock);
        List<Channel> sockets = new ArrayList<>();
        InetSocketAddress bound = address;
        for (int thread = 0; thread < threads; thread++) {
            Channel socket = bootstrap
                    .clone()
                    .handler(new Socket(datagrams.get(), traffic))
                    .bind(bound)
                    .syncUninterruptibly()
                    .channel();
            sockets.add(socket);
            // Where any port was asked for, all sockets take the one that the first was given.
            bound = new InetSocketAddress(address.getAddress(), ((InetSocketAddress) socket.localAddress()).getPort());
        }
        return new UdpEdge(List.copyOf(sockets));
    }

    /** The port that it listens on. */
    public int port() {
        return ((InetSocketAddress) sockets.getFirst().localAddress()).getPort();
    }

    @Override
    public void close() {
        sockets.forEach(socket -> socket.close().syncUninterruptibly());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a reply that cannot be sent is lost, as any datagram may be
    private static final class Socket extends ChannelInboundHandlerAdapter {
        private final Datagrams datagrams;
        private final Traffic traffic;

        Socket(Datagrams datagrams, Traffic traffic) {
            this.datagrams = datagrams;
            this.traffic = traffic;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            try {
                InetSocketAddress sender = packet.sender();
                ByteBuf out = ctx.alloc().directBuffer(REPLY_BYTES);
                datagrams.answer(packet.content(), Address.of(sender.getAddress()), sender.getPort(), out);
                if (out.isReadable()) {
                    ctx.write(new DatagramPacket(out, sender), ctx.voidPromise());
                } else {
                    out.release();
                }
            } finally {
                packet.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        /** One asker who cannot be reached: the socket serves all the others. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
            traffic.dropped();
            if (!(cause instanceof IOException)) {
                ctx.fireExceptionCaught(cause);
            }
        }
    }
}
