package io.shoal.tracker.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.concurrent.EventExecutor;
import io.shoal.tracker.announce.Tracker;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.networks.Address;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Listens for HTTP. */
@SuppressWarnings("FutureReturnValueIgnored") // a connection that cannot be closed is closed
public final class HttpEdge implements AutoCloseable {
    private static final int BACKLOG = 1_024;

    /** Responses that wait in memory for a client who does not take them: 32 KiB are a dozen announces. */
    private static final WriteBufferWaterMark WATER = new WriteBufferWaterMark(16 << 10, 32 << 10);

    /** Set where connections come from, since they inherit it: one system call less for each. */
    private static final IntegerUnixChannelOption NO_DELAY = new IntegerUnixChannelOption("TCP_NODELAY", 6, 1);

    /**
     * So long the kernel keeps a connection to itself on which nothing was said. It comes to us with its request, so that we wake up
     * once for it and not twice.
     */
    private static final int SILENT_SECONDS = 5;

    private final Channel listener;
    private final AtomicInteger connections;

    private HttpEdge(Channel listener, AtomicInteger connections) {
        this.listener = listener;
        this.connections = connections;
    }

    /** Listens at {@code address}; a failure to do so is the caller's to see. */
    public static HttpEdge listen(
            EventLoopGroup loops,
            InetSocketAddress address,
            Tracker tracker,
            Traffic traffic,
            StatsPage statsPage,
            Limits limits) {
        AtomicInteger connections = new AtomicInteger();
        Map<EventExecutor, HttpResponses> answers = new ConcurrentHashMap<>();
        Map<EventExecutor, Deadlines> deadlines = new ConcurrentHashMap<>();
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(NO_DELAY, 1)
                .option(EpollChannelOption.TCP_DEFER_ACCEPT, SILENT_SECONDS)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (connections.incrementAndGet() > limits.connections()) {
                            connections.decrementAndGet();
                            traffic.dropped();
                            channel.close();
                            return;
                        }
                        channel.closeFuture().addListener(closed -> connections.decrementAndGet());
                        if (limits.proxies()
                                .contain(Address.of(channel.remoteAddress().getAddress()))) {
                            channel.pipeline().addLast(new HAProxyMessageDecoder());
                        }
                        channel.pipeline()
                                .addLast(new HttpConnection(
                                        answers.computeIfAbsent(
                                                channel.eventLoop(),
                                                loop -> new HttpResponses(tracker, traffic, statsPage)),
                                        deadlines.computeIfAbsent(channel.eventLoop(), Deadlines::new),
                                        limits));
                    }
                })
                .bind(address)
                .syncUninterruptibly()
                .channel();
        return new HttpEdge(listener, connections);
    }

    /** The port that it listens on. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** How many connections are open. */
    public int connections() {
        return connections.get();
    }

    /** Takes no further connections; those that are open go on until their loops end. */
    @Override
    public void close() {
        listener.close().syncUninterruptibly();
    }
}
