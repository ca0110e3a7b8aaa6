package io.shoal.engine.announce;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.bittorrent.announce.UdpAnnounce;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.egress.Egress;
import io.shoal.egress.NameResolver;
import io.shoal.engine.net.DatagramKind;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Loop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends announces over UDP (BEP 15) from one listen port, so that trackers and address translators on the way see the
 * port that peers are to reach. An announce goes to each address family of the tracker that the port has too. A reply
 * counts only if it comes from the address of the request and has its transaction id, which is random so that it cannot
 * be guessed. Connection ids belong to the port; they are kept for their minute and shared by its torrents. Its state is
 * confined to the loop of the port.
 */
public final class UdpTrackerClient implements TrackerClient {
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

    private final DatagramPort port;
    private final Loop loop;
    private final Egress egress;
    private final Names names;
    private final RandomGenerator random;
    private final Map<Integer, Query> queries = new HashMap<>();
    private final Map<InetSocketAddress, ConnectionId> connections = new HashMap<>();
    private final SilentFamilies silent = new SilentFamilies();

    /** Announces whose tracker's name is being looked up. */
    private final Set<Announce> resolving = new LinkedHashSet<>();

    private boolean closed;

    private record ConnectionId(long id, long expires) {}

    /** Looks names up, as {@link NameResolver#resolve} does. */
    @FunctionalInterface
    public interface Names {
        /** Passes the addresses of {@code host} to {@code found} on {@code executor}; none if there are none. */
        void resolve(String host, Executor executor, Consumer<List<InetAddress>> found);
    }

    UdpTrackerClient(DatagramPort port, Egress egress) {
        this(port, egress, NameResolver::resolve, new SecureRandom());
    }

    /** @param random draws transaction ids: must be unpredictable outside of tests */
    public UdpTrackerClient(DatagramPort port, Egress egress, Names names, RandomGenerator random) {
        this.port = port;
        this.loop = port.loop();
        this.egress = egress;
        this.names = names;
        this.random = random;
        port.register(DatagramKind.TRACKER, this::received);
    }

    @Override
    public void announce(String url, AnnounceRequest request, Loop callerLoop, Consumer<AnnounceResult> done) {
        Consumer<AnnounceResult> onLoop = result -> callerLoop.execute(() -> done.accept(result));
        SourceUrl tracker = SourceUrl.parse(url);
        if (tracker == null || tracker.scheme() != SourceUrl.Scheme.UDP) {
            onLoop.accept(Failed.of(Codes.URL));
            return;
        }
        try {
            loop.execute(() -> new Announce(tracker, request, onLoop).start());
        } catch (RejectedExecutionException e) {
            onLoop.accept(Failed.of(Codes.STOPPING));
        }
    }

    @Override
    public void close() {
        try {
            loop.execute(() -> {
                closed = true;
                List.copyOf(resolving).forEach(Announce::stop);
                List.copyOf(queries.values()).forEach(query -> query.finish(Failed.of(Codes.STOPPING)));
            });
        } catch (RejectedExecutionException e) {
            // The loop has ended before, and all queries with it.
        }
    }

    private boolean received(ByteBuf datagram, InetSocketAddress from) {
        ByteBuffer bytes = datagram.nioBuffer();
        Query query = queries.get(bytes.getInt(bytes.position() + 4));
        if (query == null || !from.equals(query.tracker)) {
            return false;
        }
        query.received(from, UdpAnnounce.parse(bytes, query.family == AddressFamily.V6));
        return true;
    }

    private @Nullable ConnectionId connection(InetSocketAddress tracker) {
        ConnectionId known = connections.get(tracker);
        return known != null && known.expires - loop.nanoTime() > 0 ? known : null;
    }

    private void remember(InetSocketAddress tracker, long id) {
        if (connections.size() >= CONNECTIONS_MAX) {
            connections.keySet().removeIf(each -> connection(each) == null);
            if (connections.size() >= CONNECTIONS_MAX) {
                connections.clear();
            }
        }
        connections.put(tracker, new ConnectionId(id, loop.nanoTime() + CONNECTION_LIFE.toNanos()));
    }

    /** One announce, until its tracker's addresses are known. */
    private final class Announce {
        private final SourceUrl url;
        private final AnnounceRequest request;
        private final Consumer<AnnounceResult> done;

        Announce(SourceUrl url, AnnounceRequest request, Consumer<AnnounceResult> done) {
            this.url = url;
            this.request = request;
            this.done = done;
        }

        void start() {
            if (closed) {
                done.accept(Failed.of(Codes.STOPPING));
                return;
            }
            resolving.add(this);
            names.resolve(url.host(), loop, found -> {
                if (resolving.remove(this)) {
                    resolved(found);
                }
            });
        }

        void stop() {
            if (resolving.remove(this)) {
                done.accept(Failed.of(Codes.STOPPING));
            }
        }

        private void resolved(List<InetAddress> found) {
            List<InetAddress> allowed = found.stream().filter(egress::allows).toList();
            List<InetAddress> usable =
                    allowed.stream().filter(port::hasFamilyOf).toList();
            if (usable.isEmpty()) {
                done.accept(Failed.of(
                        found.isEmpty() ? Codes.DNS : allowed.isEmpty() ? Codes.FORBIDDEN : Codes.UNREACHABLE));
                return;
            }
            Set<AddressFamily> families =
                    silent.withoutSilent(url.authority(), AddressFamily.among(usable), loop.nanoTime());
            FamilyResults results = new FamilyResults(url.authority(), families, silent, loop::nanoTime, done);
            Map<AddressFamily, List<InetSocketAddress>> addresses = new EnumMap<>(AddressFamily.class);
            for (InetAddress each : usable) {
                addresses
                        .computeIfAbsent(AddressFamily.of(each), family -> new ArrayList<>())
                        .add(new InetSocketAddress(each, url.port()));
            }
            addresses.keySet().retainAll(families);
            addresses.forEach((family, list) ->
                    new Query(url.target(), request, family, list, result -> results.add(family, result)).start());
        }
    }

    /**
     * One announce over one address family: connects if necessary, then announces; each packet is resent until it is
     * answered. A server with several addresses is tried at the next one each time, until one of them has answered.
     */
    private final class Query {
        private final String path;
        private final AnnounceRequest request;
        private final AddressFamily family;
        private final List<InetSocketAddress> addresses;
        private final Consumer<AnnounceResult> done;
        private int transaction;
        private @Nullable InetSocketAddress tracker;

        /** The connection id that is announced with; null while there is none. */
        private @Nullable ConnectionId connectionId;

        private boolean reconnected;
        private int sends;
        private Loop.@Nullable Timer timer;
        private boolean finished;

        /** @param addresses of one family, at least one */
        Query(
                String path,
                AnnounceRequest request,
                AddressFamily family,
                List<InetSocketAddress> addresses,
                Consumer<AnnounceResult> done) {
            this.path = path;
            this.request = request.over(family == AddressFamily.V6);
            this.family = family;
            this.addresses = addresses.subList(0, Math.min(addresses.size(), SENDS_MAX));
            this.done = done;
        }

        void start() {
            drawTransaction();
            send(addresses.getFirst());
        }

        private void send(InetSocketAddress to) {
            tracker = to;
            connectionId = connection(to);
            ByteBuffer packet = connectionId == null
                    ? UdpAnnounce.connect(transaction)
                    : UdpAnnounce.announce(connectionId.id(), transaction, request, path);
            timer = loop.schedule(FIRST_WAIT.multipliedBy(1L << sends++), () -> resend(to));
            port.send(Unpooled.wrappedBuffer(packet), to);
        }

        private void resend(InetSocketAddress to) {
            if (sends == SENDS_MAX) {
                connections.remove(to);
                finish(Failed.of(Codes.TIMEOUT));
            } else {
                send(connectionId == null ? addresses.get(sends % addresses.size()) : to);
            }
        }

        void received(InetSocketAddress from, UdpAnnounce.@Nullable Reply reply) {
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
            cancelTimer();
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
            if (!finished) {
                finished = true;
                queries.remove(transaction, this);
                cancelTimer();
                done.accept(outcome);
            }
        }

        private void cancelTimer() {
            if (timer != null) {
                timer.cancel();
            }
        }
    }
}
