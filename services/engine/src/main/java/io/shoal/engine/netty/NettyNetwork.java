package io.shoal.engine.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Datagrams;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** TCP and UDP over Netty: epoll where the system has it, else NIO. Buffers are pooled; each loop is one thread. */
public final class NettyNetwork implements Network {
    /**
     * Longer than three lost SYNs take, and short enough that a user does not notice it together with the handshake's
     * bound.
     */
    private static final int CONNECT_TIMEOUT_MS = 8_000;

    /** Payload is queued up to the upper mark, then again from the lower one: more would only use memory. */
    private static final WriteBufferWaterMark WRITES = new WriteBufferWaterMark(256 << 10, 512 << 10);

    /** Datagrams that one read may bring with epoll. Their buffer is taken from the pool and returned after them. */
    private static final int DATAGRAMS_PER_READ = 16;

    /** Datagrams that are read before other sockets of the loop have their turn. */
    private static final int DATAGRAMS_PER_TURN = 64;

    /** Bytes that the system keeps of a burst until they are read, if it allows so many. */
    private static final int DATAGRAM_BUFFER = 1 << 20;

    private static final int BACKLOG = 512;
    private static final long CLOSE_TIMEOUT_S = 5;

    private final EventLoopGroup group;
    private final List<NettyLoop> loops;
    private final Class<? extends SocketChannel> socket;
    private final Class<? extends ServerSocketChannel> serverSocket;
    private final Class<? extends DatagramChannel> datagramSocket;

    private NettyNetwork(
            EventLoopGroup group,
            Class<? extends SocketChannel> socket,
            Class<? extends ServerSocketChannel> serverSocket,
            Class<? extends DatagramChannel> datagramSocket) {
        this.group = group;
        this.socket = socket;
        this.serverSocket = serverSocket;
        this.datagramSocket = datagramSocket;
        List<NettyLoop> all = new ArrayList<>();
        for (EventExecutor each : group) {
            all.add(new NettyLoop((EventLoop) each));
        }
        loops = List.copyOf(all);
    }

    /**
     * Starts the loops.
     *
     * @param loops how many, at least 1
     */
    public static NettyNetwork start(int loops) {
        ThreadFactory threads = new DefaultThreadFactory("engine-loop", true);
        return Epoll.isAvailable()
                ? new NettyNetwork(
                        new EpollEventLoopGroup(loops, threads),
                        EpollSocketChannel.class,
                        EpollServerSocketChannel.class,
                        EpollDatagramChannel.class)
                : new NettyNetwork(
                        new NioEventLoopGroup(loops, threads),
                        NioSocketChannel.class,
                        NioServerSocketChannel.class,
                        NioDatagramChannel.class);
    }

    /**
     * Returns the address that stands for all addresses of this machine, of both families where it has IPv6: {@code ::},
     * else {@code 0.0.0.0}.
     */
    public static InetAddress wildcard() {
        try (java.nio.channels.ServerSocketChannel probe =
                java.nio.channels.ServerSocketChannel.open(StandardProtocolFamily.INET6)) {
            InetAddress all = InetAddress.ofLiteral("::");
            probe.bind(new InetSocketAddress(all, 0));
            return all;
        } catch (IOException | UnsupportedOperationException e) {
            return InetAddress.ofLiteral("0.0.0.0"); // the system has no IPv6
        }
    }

    @Override
    public List<? extends Loop> loops() {
        return loops;
    }

    /** Returns the event loop that {@code loop}, one of {@link #loops}, is. */
    public static EventLoop eventLoop(Loop loop) {
        return ((NettyLoop) loop).eventLoop();
    }

    @Override
    public void connect(Loop loop, InetSocketAddress remote, ConnectionHandler handler) {
        Bootstrap bootstrap = new Bootstrap()
                .group(eventLoop(loop))
                .channel(socket)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITES)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new NettyConnection(channel, NettyNetwork.this::loop, remote, handler));
                    }
                });
        ChannelFuture dialled = bootstrap.connect(remote);
        dialled.addListener((ChannelFuture connecting) -> {
            NettyConnection connection = connecting.channel().pipeline().get(NettyConnection.class);
            if (connection != null) {
                connection.failed(connecting);
            } else if (!connecting.isSuccess()) {
                handler.closed();
            }
        });
    }

    @Override
    public InetSocketAddress listen(InetSocketAddress local, Function<InetSocketAddress, ConnectionHandler> accept)
            throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(serverSocket)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITES)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        InetSocketAddress remote = channel.remoteAddress();
                        if (remote == null) {
                            var _ = channel.close(); // closed before it was accepted
                        } else {
                            channel.pipeline()
                                    .addLast(new NettyConnection(
                                            channel, NettyNetwork.this::loop, remote, accept.apply(remote)));
                        }
                    }
                });
        ChannelFuture bound = bootstrap.bind(local).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + local, bound.cause());
        }
        return (InetSocketAddress) bound.channel().localAddress();
    }

    @Override
    public Datagrams bind(Loop loop, InetSocketAddress local, Datagrams.Receiver receiver) throws IOException {
        NettyDatagrams[] socket = new NettyDatagrams[1];
        Bootstrap bootstrap = new Bootstrap()
                .group(eventLoop(loop))
                .channel(datagramSocket)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITES)
                .option(ChannelOption.SO_RCVBUF, DATAGRAM_BUFFER)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        socket[0] = new NettyDatagrams(channel, local, receiver);
                        channel.pipeline().addLast(socket[0]);
                    }
                });
        boolean several = datagramSocket == EpollDatagramChannel.class;
        if (several) {
            bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, Datagrams.RECEIVED_MAX);
        }
        bootstrap.option(
                ChannelOption.RCVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(Datagrams.RECEIVED_MAX * (several ? DATAGRAMS_PER_READ : 1))
                        .maxMessagesPerRead(DATAGRAMS_PER_TURN));
        ChannelFuture bound = bootstrap.bind(local).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot open the UDP port " + local, bound.cause());
        }
        return socket[0];
    }

    private Loop loop(EventLoop of) {
        for (NettyLoop loop : loops) {
            if (loop.eventLoop().equals(of)) {
                return loop;
            }
        }
        throw new IllegalStateException("not one of ours: " + of);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // waited for, and then the process may end
    public void close() {
        group.shutdownGracefully(0, CLOSE_TIMEOUT_S, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_TIMEOUT_S, TimeUnit.SECONDS);
    }
}
