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
import io.shoal.egress.http.Body;
import io.shoal.egress.http.FetchRequest;
import io.shoal.egress.http.HttpFetch;
import io.shoal.egress.http.Tls;
import io.shoal.engine.net.Loop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends announces over HTTP and HTTPS (BEP 3), each on a connection of its own, since most trackers close it anyway. At
 * most {@link #AT_ONCE} are in progress and others wait, so that a restart with thousands of torrents does not flood
 * trackers. Servers take turns, and none has more than {@link #AT_ONCE_PER_SERVER}, so that a dead server does not
 * block the others. Its state is confined to the event loop.
 */
public final class HttpTrackerClient implements TrackerClient, AutoCloseable {
    /** Announces in progress at once. */
    static final int AT_ONCE = 50;

    /** Announces in progress at once to one host and port. */
    static final int AT_ONCE_PER_SERVER = 10;

    /** For everything from the look-up of the name to the last byte, redirects included. */
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final EventLoop eventLoop;
    private final Egress egress;
    private final SslContext tls;
    private final Duration timeout;

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

    /** One announce: it waits, or is in progress, or has ended. */
    private record Announce(SourceUrl url, HttpFetch fetch, Consumer<AnnounceResult> done) {
        String server() {
            return url.authority();
        }
    }

    public HttpTrackerClient(EventLoop eventLoop, Egress egress) {
        this(eventLoop, egress, Tls.systemTrust(), TIMEOUT);
    }

    HttpTrackerClient(EventLoop eventLoop, Egress egress, SslContext tls, Duration timeout) {
        this.eventLoop = eventLoop;
        this.egress = egress;
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
                    enqueue(HttpAnnounce.url(tracker, request), onLoop);
                }
            });
        } catch (RejectedExecutionException e) {
            onLoop.accept(Failed.of(Codes.STOPPING));
        }
    }

    private void enqueue(SourceUrl url, Consumer<AnnounceResult> done) {
        Announce[] self = new Announce[1];
        HttpFetch fetch = new HttpFetch(
                eventLoop,
                egress,
                tls,
                new FetchRequest(url, AnnounceReply.BYTES_MAX, timeout),
                new Body(outcome -> ended(self[0], outcome)));
        Announce added = new Announce(url, fetch, done);
        self[0] = added;
        Server server = servers.computeIfAbsent(added.server(), name -> new Server());
        server.waiting.add(added);
        enqueueTurn(server);
        startWaiting();
    }

    private void ended(Announce announce, Body.Outcome outcome) {
        Server server = servers.get(announce.server());
        if (server != null && underWay.remove(announce)) {
            server.underWay--;
            enqueueTurn(server);
            if (server.underWay == 0 && server.waiting.isEmpty()) {
                servers.remove(announce.server());
            }
        }
        announce.done().accept(result(outcome));
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
            announce.fetch().start();
        }
    }

    /** Closes the client: announces in progress or waiting fail with {@link Codes#STOPPING}. */
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
                rest.forEach(announce -> announce.fetch().cancel());
            });
        } catch (RejectedExecutionException e) {
            // The event loop has ended before, and all exchanges with it.
        }
    }
}
