package io.shoal.engine.announce;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.ssl.SslContext;
import io.shoal.bittorrent.announce.AnnounceException;
import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.bittorrent.announce.HttpAnnounce;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.egress.Egress;
import io.shoal.egress.NameResolver;
import io.shoal.egress.http.Body;
import io.shoal.egress.http.FetchRequest;
import io.shoal.egress.http.HttpFetch;
import io.shoal.egress.http.Tls;
import io.shoal.engine.net.Loop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sends announces over HTTP and HTTPS (BEP 3), each on a connection of its own, since most trackers close it anyway. A
 * tracker that has addresses of both families is announced to over both (BEP 7), if peers reach this engine over both.
 * At most {@link #AT_ONCE} are in progress and others wait, so that a restart with thousands of torrents does not flood
 * trackers. Servers take turns, and none has more than {@link #AT_ONCE_PER_SERVER}, so that a dead server does not
 * block the others. Its state is confined to the event loop.
 */
final class HttpTrackerClient implements TrackerClient {
    /** Announces in progress at once. */
    static final int AT_ONCE = 50;

    /** Announces in progress at once to one host and port. */
    static final int AT_ONCE_PER_SERVER = 10;

    /** For everything from the look-up of the name to the last byte, redirects included. */
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** How long an announce goes on over one address family after the tracker has answered over the other. */
    private static final Duration OTHER_FAMILY = Duration.ofSeconds(5);

    private final EventLoop eventLoop;
    private final Egress egress;
    private final Predicate<InetAddress> isReached;
    private final SslContext tls;
    private final Duration timeout;
    private final SilentFamilies silent = new SilentFamilies();

    /** Servers with announces that wait or are in progress, by host and port. */
    private final Map<String, Server> servers = new HashMap<>();

    /** Servers with announces that wait and with capacity for one more; each once, in the order of their turns. */
    private final SequencedSet<Server> turns = new LinkedHashSet<>();

    private final Set<Announce> underWay = new HashSet<>();
    private boolean closed;

    private static final class Server {
        final Deque<Announce> waiting = new ArrayDeque<>();
        int underWay;
    }

    /** @param isReached whether peers reach this engine over the family of an address */
    HttpTrackerClient(EventLoop eventLoop, Egress egress, Predicate<InetAddress> isReached) {
        this(eventLoop, egress, isReached, Tls.systemTrust(), TIMEOUT);
    }

    HttpTrackerClient(
            EventLoop eventLoop, Egress egress, Predicate<InetAddress> isReached, SslContext tls, Duration timeout) {
        this.eventLoop = eventLoop;
        this.egress = egress;
        this.isReached = isReached;
        this.tls = tls;
        this.timeout = timeout;
    }

    @Override
    public void announce(String url, AnnounceRequest request, Loop loop, Consumer<AnnounceResult> done) {
        Consumer<AnnounceResult> onLoop = result -> loop.execute(() -> done.accept(result));
        SourceUrl tracker = SourceUrl.parse(url);
        if (tracker == null || tracker.scheme() == SourceUrl.Scheme.UDP) {
            onLoop.accept(Failed.of(Codes.URL));
            return;
        }
        try {
            eventLoop.execute(() -> {
                if (closed) {
                    onLoop.accept(Failed.of(Codes.STOPPING));
                } else {
                    enqueue(new Announce(tracker, request, onLoop));
                }
            });
        } catch (RejectedExecutionException e) {
            onLoop.accept(Failed.of(Codes.STOPPING));
        }
    }

    private void enqueue(Announce announce) {
        Server server = servers.computeIfAbsent(announce.server(), name -> new Server());
        server.waiting.add(announce);
        enqueueTurn(server);
        startWaiting();
    }

    private void ended(Announce announce) {
        Server server = servers.get(announce.server());
        if (server != null && underWay.remove(announce)) {
            server.underWay--;
            enqueueTurn(server);
            if (server.underWay == 0 && server.waiting.isEmpty()) {
                servers.remove(announce.server());
            }
        }
        startWaiting();
    }

    private static AnnounceResult result(Body.Outcome outcome) {
        return switch (outcome) {
            case Body.Answered(int status, var _, byte[] body) when status == 200 -> parse(body);
            case Body.Answered(int status, var headers, byte[] _) ->
                new Failed("http-" + status, "", retryAfter(headers.get(HttpHeaderNames.RETRY_AFTER)));
            case Body.Failed(var failure) -> Failed.of(failure.code());
        };
    }

    private static AnnounceResult parse(byte[] body) {
        try {
            return new Answered(HttpAnnounce.parse(body));
        } catch (AnnounceException e) {
            return e.isRefused()
                    ? new Failed(Codes.FAILURE, String.valueOf(e.getMessage()), Duration.ofSeconds(e.retrySeconds()))
                    : Failed.of(Codes.MALFORMED);
        }
    }

    private static Duration retryAfter(@Nullable String seconds) {
        return seconds != null && seconds.matches("\\d{1,6}")
                ? Duration.ofSeconds(Integer.parseInt(seconds))
                : Duration.ZERO;
    }

    private void enqueueTurn(Server server) {
        if (!server.waiting.isEmpty() && server.underWay < AT_ONCE_PER_SERVER) {
            turns.add(server);
        }
    }

    private void startWaiting() {
        while (underWay.size() < AT_ONCE && !turns.isEmpty()) {
            Server server = turns.removeFirst();
            Announce announce = server.waiting.remove();
            underWay.add(announce);
            server.underWay++;
            enqueueTurn(server);
            announce.start();
        }
    }

    @Override
    public void close() {
        try {
            eventLoop.execute(() -> {
                closed = true;
                turns.clear();
                List<Announce> rest = new ArrayList<>(underWay);
                servers.values().forEach(server -> {
                    rest.addAll(server.waiting);
                    server.waiting.clear();
                });
                rest.forEach(Announce::stop);
            });
        } catch (RejectedExecutionException e) {
            // The event loop has ended before, and all exchanges with it.
        }
    }

    /** One announce: it waits, or is in progress over one family or two, or has ended. */
    private final class Announce {
        private final SourceUrl url;
        private final AnnounceRequest request;
        private final Consumer<AnnounceResult> done;
        private final Map<AddressFamily, HttpFetch> fetches = new EnumMap<>(AddressFamily.class);
        private @Nullable Future<?> timer;
        private boolean looking;
        private boolean stopped;

        Announce(SourceUrl url, AnnounceRequest request, Consumer<AnnounceResult> done) {
            this.url = url;
            this.request = request;
            this.done = done;
        }

        String server() {
            return url.authority();
        }

        void start() {
            looking = true;
            long began = System.nanoTime();
            setTimer(timeout, () -> endLookup(Failed.of(Codes.TIMEOUT)));
            NameResolver.resolve(url.host(), eventLoop, found -> {
                if (looking) {
                    looking = false;
                    cancelTimer();
                    fetch(found, timeout.minusNanos(System.nanoTime() - began));
                }
            });
        }

        /** Ends the announce; nothing is reported twice. */
        void stop() {
            stopped = true;
            if (looking || fetches.isEmpty()) {
                endLookup(Failed.of(Codes.STOPPING));
            } else {
                List.copyOf(fetches.values()).forEach(HttpFetch::cancel);
            }
        }

        /** Ends it before anything is fetched. */
        private void endLookup(Failed failed) {
            looking = false;
            cancelTimer();
            done.accept(failed);
            ended(this);
        }

        private void fetch(List<InetAddress> found, Duration rest) {
            if (!rest.isPositive()) {
                endLookup(Failed.of(Codes.TIMEOUT));
                return;
            }
            Set<AddressFamily> families = families(found);
            FamilyResults results = new FamilyResults(server(), families, silent, System::nanoTime, done);
            for (AddressFamily family : families) {
                boolean alone = families.size() == 1;
                fetches.put(
                        family,
                        new HttpFetch(
                                eventLoop,
                                alone ? egress : address -> family.includes(address) && egress.allows(address),
                                tls,
                                new FetchRequest(
                                        HttpAnnounce.url(
                                                url, alone ? request : request.over(family == AddressFamily.V6)),
                                        AnnounceReply.BYTES_MAX,
                                        rest),
                                new Body(outcome -> fetched(family, results, result(outcome)))));
            }
            List.copyOf(fetches.values()).forEach(HttpFetch::start);
        }

        /** Returns the families to announce over. If it is one only, the connection may use any address of the server. */
        private Set<AddressFamily> families(List<InetAddress> found) {
            Set<AddressFamily> reached = AddressFamily.among(
                    found.stream().filter(egress::allows).filter(isReached).toList());
            return reached.isEmpty()
                    ? EnumSet.of(AddressFamily.V4) // the fetch fails, and says why
                    : silent.withoutSilent(server(), reached, System.nanoTime());
        }

        private void fetched(AddressFamily family, FamilyResults results, AnnounceResult result) {
            fetches.remove(family);
            boolean cancelled = !stopped && result.equals(Failed.of(Codes.STOPPING));
            results.add(family, cancelled ? Failed.of(Codes.TIMEOUT) : result);
            if (fetches.isEmpty()) {
                cancelTimer();
                ended(this);
            } else if (results.isAnswered()) {
                setTimer(OTHER_FAMILY, () -> List.copyOf(fetches.values()).forEach(HttpFetch::cancel));
            }
        }

        private void setTimer(Duration delay, Runnable task) {
            cancelTimer();
            timer = eventLoop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void cancelTimer() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }
}
