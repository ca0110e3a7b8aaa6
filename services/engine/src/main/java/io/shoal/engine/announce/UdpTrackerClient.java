package io.shoal.engine.announce;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.bittorrent.announce.UdpAnnounce;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.egress.Egress;
import io.shoal.egress.NameResolver;
import io.shoal.egress.SocketTypes;
import io.shoal.engine.net.Loop;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends announces over UDP (BEP 15), all on one socket. A reply counts only if it comes from the address of the request
 * and has its transaction id, which is random so that it cannot be guessed. Connection ids are kept for their minute
 * and shared by all torrents. Its state is confined to the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a packet that could not be sent is resent like a lost one
public final class UdpTrackerClient implements TrackerClient, AutoCloseable {
    /** Wait for the first answer; doubled with each resend (BEP 15). */
    static final Duration FIRST_WAIT = Duration.ofSeconds(15);

    /**
     * How often one packet is sent: 105 s in all. BEP 15 continues for two hours; by then another tracker is of more
     * use.
     */
    static final int SENDS_MAX = 3;

    /** A connection id is valid for 60 s (BEP 15); the rest is for transmission. */
    private static final Duration CONNECTION_LIFE = Duration.ofSeconds(55);

    /** Connection ids that are kept. Above that, expired ones are dropped, or else all. */
    private static final int CONNECTIONS_MAX = 1_000;

    private final EventLoop eventLoop;
    private final Egress egress;
    private final Duration firstWait;
    private final SecureRandom random = new SecureRandom();
    private final Map<Integer, Query> queries = new HashMap<>();
    private final Map<InetSocketAddress, ConnectionId> connections = new HashMap<>();
    private @Nullable ChannelFuture socket;
    private boolean closed;

    private record ConnectionId(long id, long expires) {}

    public UdpTrackerClient(EventLoop eventLoop, Egress egress) {
        this(eventLoop, egress, FIRST_WAIT);
    }

    UdpTrackerClient(EventLoop eventLoop, Egress egress, Duration firstWait) {
        this.eventLoop = eventLoop;
        this.egress = egress;
        this.firstWait = firstWait;
    }

    @Override
    public void announce(String url, AnnounceRequest request, Loop loop, Consumer<AnnounceResult> done) {
        Consumer<AnnounceResult> onLoop = result -> loop.execute(() -> done.accept(result));
        SourceUrl tracker = SourceUrl.parse(url);
        if (tracker == null || tracker.scheme() != SourceUrl.Scheme.UDP) {
            onLoop.accept(Failed.of(Codes.URL));
            return;
        }
        try {
            eventLoop.execute(() -> new Query(tracker, request, onLoop).start());
        } catch (RejectedExecutionException e) {
            onLoop.accept(Failed.of(Codes.STOPPING));
        }
    }

    /** Closes the client: announces in progress fail with {@link Codes#STOPPING}. */
    @Override
    public void close() {
        try {
            eventLoop.execute(() -> {
                closed = true;
                List.copyOf(queries.values()).forEach(query -> query.finish(Failed.of(Codes.STOPPING)));
                if (socket != null) {
                    socket.channel().close();
                }
            });
        } catch (RejectedExecutionException e) {
            // The event loop has ended before, and all queries with it.
        }
    }

    private void send(InetSocketAddress to, ByteBuffer packet) {
        if (socket == null || socket.isDone() && !socket.channel().isOpen()) {
            socket = new Bootstrap()
                    .group(eventLoop)
                    .channel(SocketTypes.datagram(eventLoop))
                    .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(UdpAnnounce.REPLY_MAX))
                    .handler(new ReplyHandler())
                    .bind(0);
        }
        DatagramPacket datagram = new DatagramPacket(Unpooled.wrappedBuffer(packet), to);
        socket.addListener((ChannelFuture bound) -> bound.channel().writeAndFlush(datagram));
    }

    private @Nullable ConnectionId connection(InetSocketAddress tracker) {
        ConnectionId known = connections.get(tracker);
        return known != null && known.expires - System.nanoTime() > 0 ? known : null;
    }

    private void remember(InetSocketAddress tracker, long id) {
        if (connections.size() >= CONNECTIONS_MAX) {
            connections.keySet().removeIf(each -> connection(each) == null);
            if (connections.size() >= CONNECTIONS_MAX) {
                connections.clear();
            }
        }
        connections.put(tracker, new ConnectionId(id, System.nanoTime() + CONNECTION_LIFE.toNanos()));
    }

    private final class ReplyHandler extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            ByteBuffer bytes = packet.content().nioBuffer();
            if (bytes.remaining() < 8) {
                return;
            }
            Query query = queries.get(bytes.getInt(4));
            if (query != null && packet.sender().equals(query.tracker)) {
                query.received(UdpAnnounce.parse(bytes, query.isV6()));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // An error of one packet, such as "port unreachable", affects no other: its query times out.
        }
    }

    /**
     * One announce: connects if necessary, then announces; each packet is resent until it is answered. A server with several
     * addresses is tried at the next one each time, until one of them has answered.
     */
    private final class Query {
        private final SourceUrl url;
        private final AnnounceRequest request;
        private final Consumer<AnnounceResult> done;
        private int transaction;
        private List<InetSocketAddress> addresses = List.of();
        private @Nullable InetSocketAddress tracker;

        /** The connection id that is announced with; null while there is none. */
        private @Nullable ConnectionId connectionId;

        private boolean reconnected;
        private int sends;
        private @Nullable Future<?> timer;
        private boolean finished;

        Query(SourceUrl url, AnnounceRequest request, Consumer<AnnounceResult> done) {
            this.url = url;
            this.request = request;
            this.done = done;
        }

        void start() {
            if (closed) {
                finish(Failed.of(Codes.STOPPING));
                return;
            }
            drawTransaction();
            NameResolver.resolve(url.host(), eventLoop, this::resolved);
        }

        boolean isV6() {
            return tracker != null && tracker.getAddress() instanceof Inet6Address;
        }

        private void resolved(List<InetAddress> found) {
            if (finished) {
                return;
            }
            addresses = found.stream()
                    .filter(egress::allows)
                    .limit(SENDS_MAX)
                    .map(address -> new InetSocketAddress(address, url.port()))
                    .toList();
            if (addresses.isEmpty()) {
                finish(Failed.of(found.isEmpty() ? Codes.DNS : Codes.FORBIDDEN));
            } else {
                send(addresses.getFirst());
            }
        }

        private void send(InetSocketAddress to) {
            tracker = to;
            connectionId = connection(to);
            ByteBuffer packet = connectionId == null
                    ? UdpAnnounce.connect(transaction)
                    : UdpAnnounce.announce(connectionId.id(), transaction, request, path());
            UdpTrackerClient.this.send(to, packet);
            timer = eventLoop.schedule(() -> resend(to), firstWait.toMillis() << sends++, TimeUnit.MILLISECONDS);
        }

        private void resend(InetSocketAddress to) {
            if (sends == SENDS_MAX) {
                connections.remove(to);
                finish(Failed.of(Codes.TIMEOUT));
            } else {
                send(connectionId == null ? addresses.get(sends % addresses.size()) : to);
            }
        }

        void received(UdpAnnounce.@Nullable Reply reply) {
            InetSocketAddress from = tracker;
            if (from == null) {
                return;
            }
            switch (reply) {
                case UdpAnnounce.Reply.Connected connected
                when connectionId == null -> {
                    remember(from, connected.connection());
                    reconnected = true;
                    sendNext(from);
                }
                case UdpAnnounce.Reply.Announced announced
                when connectionId != null -> finish(new Answered(announced.reply()));
                case UdpAnnounce.Reply.Refused refused -> {
                    connections.remove(from);
                    if (connectionId != null && !reconnected) {
                        // The connection id may have expired.
                        reconnected = true;
                        sendNext(from);
                    } else {
                        finish(new Failed(Codes.FAILURE, refused.reason(), Duration.ZERO));
                    }
                }
                case null, default -> {
                    // Not an answer to the last request: a late one, or not an answer at all.
                }
            }
        }

        /** Sends the next packet. */
        private void sendNext(InetSocketAddress to) {
            if (timer != null) {
                timer.cancel(false);
            }
            queries.remove(transaction);
            drawTransaction();
            sends = 0;
            send(to);
        }

        private void drawTransaction() {
            do {
                transaction = random.nextInt();
            } while (queries.putIfAbsent(transaction, this) != null);
        }

        void finish(AnnounceResult outcome) {
            if (finished) {
                return;
            }
            finished = true;
            queries.remove(transaction, this);
            if (timer != null) {
                timer.cancel(false);
            }
            done.accept(outcome);
        }

        private String path() {
            return url.target();
        }
    }
}
