package io.shoal.engine.session;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.TorrentStats.TrackerStats;
import io.shoal.engine.announce.AnnounceIdentity;
import io.shoal.engine.announce.AnnounceProgress;
import io.shoal.engine.announce.Announcer;
import io.shoal.engine.announce.TrackerState;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/** Announces a torrent or a magnet to its trackers. */
final class SessionAnnouncer {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    private final GuardedLoop loop;
    private final Announcer announcer;

    /**
     * What is announced where.
     *
     * @param trackers announce URLs in tiers
     * @param port that is announced
     * @param resumed what the predecessor announced
     */
    record Identity(InfoHash infoHash, PeerId peerId, int port, List<List<String>> trackers, Resumed resumed) {}

    /** @param peers receives the addresses that a tracker, named by its URL, returns */
    SessionAnnouncer(
            EngineContext engine,
            GuardedLoop loop,
            Identity identity,
            AnnounceProgress progress,
            Siblings siblings,
            RandomGenerator random,
            BiConsumer<String, List<InetSocketAddress>> peers) {
        this.loop = loop;
        this.announcer = new Announcer(
                new AnnounceIdentity(
                        identity.infoHash,
                        identity.peerId,
                        identity.peerId.hashCode(), // the same for every owner of the session, as the peer id is
                        identity.port,
                        engine.config().announcedAddress()),
                identity.trackers,
                identity.resumed.trackers().stream()
                        .map(state -> new TrackerState.Resumed(state.started(), state.nextAnnounce()))
                        .toList(),
                progress,
                engine.trackers(),
                peers,
                tracker -> leavePortToSiblings(siblings, tracker),
                loop,
                random);
    }

    /**
     * Whether other torrents keep this torrent's port announced to {@code tracker}. {@code stopped} would then remove
     * the port for them too where a tracker identifies peers by address. Those torrents announce again instead, because
     * the tracker's record of the port is this torrent's.
     */
    private static boolean leavePortToSiblings(Siblings siblings, String tracker) {
        List<PeerAcceptor> others = siblings.sharingPortAt(tracker);
        others.forEach(other -> other.reannounce(tracker));
        return !others.isEmpty();
    }

    /** Any thread. */
    boolean isAnnouncedTo(String tracker) {
        return announcer.isStartedAt(tracker);
    }

    void reannounce(String tracker) {
        announcer.announceSoon(tracker);
    }

    void start() {
        announcer.start();
    }

    /** Announces {@code stopped}: the torrent leaves the swarm, and may return. */
    void stop() {
        announcer.stop(() -> {});
    }

    /**
     * Ends announcing.
     *
     * @param announceStopped false if a successor continues
     * @return completed when {@code stopped} has been announced, as far as trackers answer in time
     */
    CompletableFuture<Void> leave(boolean announceStopped) {
        CompletableFuture<Void> left = new CompletableFuture<>();
        if (announceStopped) {
            Loop.Timer timeout = loop.schedule(STOP_TIMEOUT, () -> left.complete(null));
            announcer.stop(() -> {
                timeout.cancel();
                left.complete(null);
            });
        } else {
            announcer.close();
            left.complete(null);
        }
        return left;
    }

    void completed() {
        announcer.completed();
    }

    /** More peers are needed than the trackers have returned. */
    void announceSoon() {
        announcer.announceSoon();
    }

    /** A person asks for an announce. */
    void announceOnRequest() {
        announcer.announceOnRequest();
    }

    void setTrackers(List<List<String>> tiers) {
        announcer.setTrackers(tiers);
    }

    List<TrackerStats> stats() {
        return announcer.trackers().stream()
                .map(state -> new TrackerStats(
                        state.url(),
                        state.started(),
                        state.nextAnnounce(),
                        state.code(),
                        state.next() != 0,
                        state.announcedAt(),
                        state.seeds(),
                        state.leeches(),
                        state.peers()))
                .toList();
    }
}
