package io.shoal.engine.swarms;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.engine.announce.TrackerClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** A tracker that keeps peers by address and port, and refuses port 0, as most do. It has a swarm for each URL. */
public final class SimulatedTracker {
    private static final int INTERVAL_S = 30;
    private static final int MIN_INTERVAL_S = 10;
    private static final Duration ROUND_TRIP = Duration.ofMillis(40);

    private final Simulation simulation;
    private final Map<String, Set<InetSocketAddress>> swarms = new LinkedHashMap<>();
    private Predicate<String> away = url -> false;
    public final List<ReceivedAnnounce> announces = new ArrayList<>();

    /** An announce, as it came. */
    public record ReceivedAnnounce(String url, InetSocketAddress from, AnnounceEvent event, Duration at) {}

    public SimulatedTracker(Simulation simulation) {
        this.simulation = simulation;
    }

    /** Sets which URLs do not answer. */
    public void setAway(Predicate<String> urls) {
        away = urls;
    }

    /** Adds a peer to a swarm that it does not announce itself to. */
    public void add(String url, InetSocketAddress peer) {
        swarms.computeIfAbsent(url, u -> new LinkedHashSet<>()).add(peer);
    }

    /** As a client at {@code host} reaches it. */
    public TrackerClient from(InetAddress host) {
        return (url, request, loop, done) -> {
            InetSocketAddress announced = new InetSocketAddress(host, request.port());
            if (away.test(url)) {
                loop.schedule(ROUND_TRIP, () -> done.accept(TrackerClient.Failed.of(TrackerClient.Codes.TIMEOUT)));
                return;
            }
            announces.add(new ReceivedAnnounce(url, announced, request.event(), Duration.ofNanos(simulation.now())));
            Set<InetSocketAddress> swarm = swarms.computeIfAbsent(url, u -> new LinkedHashSet<>());
            List<InetSocketAddress> others =
                    swarm.stream().filter(peer -> !peer.equals(announced)).toList();
            if (request.event() == AnnounceEvent.STOPPED) {
                swarm.remove(announced);
            } else if (request.port() > 0) {
                swarm.add(announced);
            }
            loop.schedule(
                    ROUND_TRIP,
                    () -> done.accept(
                            request.port() == 0
                                    ? TrackerClient.Failed.of(TrackerClient.Codes.FAILURE)
                                    : new TrackerClient.Answered(new AnnounceReply(
                                            INTERVAL_S, MIN_INTERVAL_S, -1, -1, others, null, null))));
        };
    }

    public Set<InetSocketAddress> swarm(String url) {
        return Set.copyOf(swarms.getOrDefault(url, Set.of()));
    }
}
