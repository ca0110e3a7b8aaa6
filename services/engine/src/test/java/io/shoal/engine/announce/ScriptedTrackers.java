package io.shoal.engine.announce;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.engine.NextAnnounce;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Failed;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.ManualLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A torrent, scripted trackers, and a manual clock. */
abstract class ScriptedTrackers {
    static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 6881);
    static final Duration DELAY = Duration.ofMillis(100);

    /** One announce that a tracker has got. */
    record SentAnnounce(Duration at, String url, AnnounceRequest request) {
        AnnounceEvent event() {
            return request.event();
        }
    }

    /** Answers a moment later with what was laid down for the tracker, or after {@link #failureDelay} that there is no answer. */
    static final class FakeTrackers implements TrackerClient {
        final ManualLoop clock;
        final List<SentAnnounce> sent = new ArrayList<>();
        final Map<String, AnnounceResult> outcomes = new HashMap<>();
        Duration failureDelay = DELAY;

        /** The result of every tracker's second address family, which comes a moment after the first; null for none. */
        @Nullable
        AnnounceResult again;

        FakeTrackers(ManualLoop clock) {
            this.clock = clock;
        }

        @Override
        public void announce(String url, AnnounceRequest request, Loop loop, Consumer<AnnounceResult> done) {
            sent.add(new SentAnnounce(clock.now(), url, request));
            AnnounceResult outcome = outcomes.get(url);
            loop.schedule(
                    outcome == null ? failureDelay : DELAY,
                    () -> done.accept(outcome == null ? Failed.of(Codes.TIMEOUT) : outcome));
            AnnounceResult second = again;
            if (outcome != null && second != null) {
                loop.schedule(DELAY.multipliedBy(2), () -> done.accept(second));
            }
        }

        List<String> urls() {
            return sent.stream().map(SentAnnounce::url).toList();
        }

        List<AnnounceEvent> events(String url) {
            return sent.stream()
                    .filter(t -> t.url().equals(url))
                    .map(SentAnnounce::event)
                    .toList();
        }
    }

    static final class TestProgress implements AnnounceProgress {
        long left = 1000;
        boolean partial;
        PeerDemand peerDemand = PeerDemand.MANY;
        boolean isolated;

        @Override
        public long uploaded() {
            return 11;
        }

        @Override
        public long downloaded() {
            return 22;
        }

        @Override
        public long left() {
            return left;
        }

        @Override
        public boolean isPartialSeed() {
            return partial;
        }

        @Override
        public PeerDemand peerDemand() {
            return peerDemand;
        }

        @Override
        public boolean isIsolated() {
            return isolated;
        }
    }

    final ManualLoop loop = new ManualLoop();
    final FakeTrackers trackers = new FakeTrackers(loop);
    final TestProgress torrent = new TestProgress();
    final List<InetSocketAddress> found = new ArrayList<>();
    final Set<String> portsKept = new HashSet<>();
    int seed = 1;

    Announcer announcer(List<List<String>> tiers, TrackerState.Resumed... resumed) {
        InfoHash hash = InfoHash.of(new byte[20]);
        AnnounceIdentity announced = new AnnounceIdentity(hash, PeerId.of(new byte[20]), 5, 6881, "203.0.113.5");
        return new Announcer(
                announced,
                tiers,
                List.of(resumed),
                torrent,
                trackers,
                (tracker, named) -> found.addAll(named),
                portsKept::contains,
                loop,
                new Random(seed));
    }

    static TrackerState.Resumed resumed(boolean started, long planned, long earliest) {
        return new TrackerState.Resumed(started, new NextAnnounce(planned, earliest));
    }

    static Answered answer(int interval, int minInterval, InetSocketAddress... peers) {
        return new Answered(new AnnounceReply(interval, minInterval, -1, -1, List.of(peers), null, null));
    }

    void works(String url) {
        trackers.outcomes.put(url, answer(1800, 0, PEER));
    }

    void turn(long seconds) {
        loop.turn(Duration.ofSeconds(seconds));
    }
}
