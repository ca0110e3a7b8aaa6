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
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/**
 * Carries announces over HTTP and HTTPS (BEP 3), each on a connection of its own, since most trackers close it anyway. At most
 * {@link #AT_ONCE} are under way; others wait their turn, so that a restart with thousands of torrents is no flood. Its state
 * is confined to the event loop.
 */
public final class HttpTrackerClient implements TrackerClient, AutoCloseable {
    /** Announces under way at once. */
    static final int AT_ONCE = 50;

    /** For everything from the look-up of the name to the last byte, redirects included. */
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final EventLoop eventLoop;
    private final Egress egress;
    private final SslContext tls;
    private final Duration timeout;
    private final Deque<HttpExchange> waiting = new ArrayDeque<>();
    private final Set<HttpExchange> underWay = new HashSet<>();
    private boolean closed;

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
    public void announce(String url, AnnounceRequest request, Loop loop, Consumer<Outcome> done) {
        try {
            eventLoop.execute(() -> {
                if (closed) {
                    tell(loop, done, Failed.of(Codes.STOPPING));
                    return;
                }
                waiting.add(new HttpExchange(
                        eventLoop, egress, tls, timeout, HttpAnnounce.url(url, request), (exchange, outcome) -> {
                            underWay.remove(exchange);
                            tell(loop, done, outcome);
                            startWaiting();
                        }));
                startWaiting();
            });
        } catch (RejectedExecutionException e) {
            tell(loop, done, Failed.of(Codes.STOPPING));
        }
    }

    private void startWaiting() {
        while (underWay.size() < AT_ONCE && !waiting.isEmpty()) {
            HttpExchange exchange = waiting.remove();
            underWay.add(exchange);
            exchange.start();
        }
    }

    /** Ends it: whatever is under way or waits fails with {@link Codes#STOPPING}. */
    @Override
    public void close() {
        try {
            eventLoop.execute(() -> {
                closed = true;
                List<HttpExchange> rest = List.copyOf(waiting);
                waiting.clear();
                rest.forEach(exchange -> exchange.finish(Failed.of(Codes.STOPPING)));
                List.copyOf(underWay).forEach(exchange -> exchange.finish(Failed.of(Codes.STOPPING)));
            });
        } catch (RejectedExecutionException e) {
            // The event loop has ended before us, and all of ours with it.
        }
    }

    private static void tell(Loop loop, Consumer<Outcome> done, Outcome outcome) {
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
