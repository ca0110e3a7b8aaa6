package io.shoal.engine.announce;

import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.bittorrent.announce.HttpAnnounce;
import io.shoal.engine.net.Egress;
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
import javax.net.ssl.SSLException;

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

    /** Servers with announces that wait or are in progress. */
    private final Map<String, Server> servers = new HashMap<>();

    /** Servers with announces that wait and with capacity for one more; each once, in the order of their turns. */
    private final SequencedSet<Server> turns = new LinkedHashSet<>();

    private final Set<HttpExchange> underWay = new HashSet<>();
    private boolean starting;
    private boolean closed;

    private static final class Server {
        final Deque<HttpExchange> waiting = new ArrayDeque<>();
        int underWay;
    }

    public HttpTrackerClient(EventLoop eventLoop, Egress egress) {
        this(eventLoop, egress, systemTrust(), TIMEOUT);
    }

    HttpTrackerClient(EventLoop eventLoop, Egress egress, SslContext tls, Duration timeout) {
        this.eventLoop = eventLoop;
        this.egress = egress;
        this.tls = tls;
        this.timeout = timeout;
    }

    @Override
    public void announce(String url, AnnounceRequest request, Loop loop, Consumer<AnnounceResult> done) {
        try {
            eventLoop.execute(() -> {
                if (closed) {
                    complete(loop, done, Failed.of(Codes.STOPPING));
                    return;
                }
                HttpExchange added = new HttpExchange(
                        eventLoop, egress, tls, timeout, HttpAnnounce.url(url, request), (exchange, outcome) -> {
                            ended(exchange);
                            complete(loop, done, outcome);
                            startWaiting();
                        });
                Server server = servers.computeIfAbsent(added.server(), name -> new Server());
                server.waiting.add(added);
                enqueueTurn(server);
                startWaiting();
            });
        } catch (RejectedExecutionException e) {
            complete(loop, done, Failed.of(Codes.STOPPING));
        }
    }

    private void ended(HttpExchange exchange) {
        Server server = servers.get(exchange.server());
        if (server != null && underWay.remove(exchange)) {
            server.underWay--;
            enqueueTurn(server);
            if (server.underWay == 0 && server.waiting.isEmpty()) {
                servers.remove(exchange.server());
            }
        }
    }

    private void enqueueTurn(Server server) {
        if (!server.waiting.isEmpty() && server.underWay < AT_ONCE_PER_SERVER) {
            turns.add(server);
        }
    }

    private void startWaiting() {
        if (starting) {
            return; // an exchange that fails as it starts is followed by the next below
        }
        starting = true;
        try {
            while (underWay.size() < AT_ONCE && !turns.isEmpty()) {
                Server server = turns.removeFirst();
                HttpExchange exchange = server.waiting.remove();
                underWay.add(exchange);
                server.underWay++;
                enqueueTurn(server);
                exchange.start();
            }
        } finally {
            starting = false;
        }
    }

    /** Closes the client: announces in progress or waiting fail with {@link Codes#STOPPING}. */
    @Override
    public void close() {
        try {
            eventLoop.execute(() -> {
                closed = true;
                turns.clear();
                List<HttpExchange> rest = new ArrayList<>();
                servers.values().forEach(server -> {
                    rest.addAll(server.waiting);
                    server.waiting.clear();
                });
                rest.forEach(exchange -> exchange.finish(Failed.of(Codes.STOPPING)));
                List.copyOf(underWay).forEach(exchange -> exchange.finish(Failed.of(Codes.STOPPING)));
            });
        } catch (RejectedExecutionException e) {
            // The event loop has ended before, and all exchanges with it.
        }
    }

    private static void complete(Loop loop, Consumer<AnnounceResult> done, AnnounceResult outcome) {
        loop.execute(() -> done.accept(outcome));
    }

    private static SslContext systemTrust() {
        try {
            return SslContextBuilder.forClient()
                    .endpointIdentificationAlgorithm("HTTPS")
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }
}
