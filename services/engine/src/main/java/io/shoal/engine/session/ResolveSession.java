package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.ExtensionIds;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.ResolveHandle.Stats;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.metadata.MetadataFetch;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.Loop;
import io.shoal.engine.peers.MetadataPeer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A magnet in its swarm, until its info dictionary is fetched: builds and connects the parts, as {@link SessionParts}
 * does for a torrent, and starts and ends them. Confined to its loop.
 */
final class ResolveSession {
    private static final Logger LOG = LoggerFactory.getLogger(ResolveSession.class);

    private static final Duration TICK = Duration.ofSeconds(1);

    private final EngineContext engine;
    private final GuardedLoop loop;
    private final ResolveSpec spec;
    private final Handshake ours;
    private final Presence presence;
    private final MetadataSourceSet sources = new MetadataSourceSet();
    private final ConnectionSlots slots;
    private final MetadataDownload download;
    private final SessionAnnouncer announcer;
    private boolean closed;
    private Loop.@Nullable Timer timer;
    private volatile Stats stats;

    ResolveSession(
            EngineContext engine,
            Loop unguarded,
            ResolveSpec spec,
            Presence presence,
            Siblings siblings,
            Consumer<byte[]> resolved,
            RandomGenerator random) {
        this.engine = engine;
        this.loop =
                new GuardedLoop(unguarded, cause -> LOG.error("The search for {} has a fault", spec.infoHash(), cause));
        this.spec = spec;
        this.presence = presence;
        this.ours = new Handshake(spec.infoHash(), spec.peerId(), Capabilities.OURS);
        this.slots = new ConnectionSlots(
                engine,
                loop,
                spec.owner(),
                presence,
                sources::isBanned,
                this::dialBelow,
                () -> sources.closeLeastUseful("its seat is needed"));
        this.download = new MetadataDownload(
                loop,
                ours,
                sources,
                slots,
                presence,
                new MetadataFetch<>(spec.infoHash(), engine.metadata()),
                spec.isPrivate(),
                resolved);
        slots.connectWith(new Dialer(loop, engine.network(), engine.encryption(), ours, this::dialled)::dial);
        this.announcer = new SessionAnnouncer(
                engine,
                loop,
                new SessionAnnouncer.Identity(
                        spec.infoHash(), spec.peerId(), presence.port(), spec.trackers(), spec.resumed()),
                new ResolveProgress(download::isDelivered, sources::anyOffers),
                siblings,
                random,
                (tracker, addresses) -> addTrackerPeers(addresses));
        this.stats = snapshot();
    }

    /** None is dialled once the metadata is there, by which the torrent may be private. */
    private int dialBelow() {
        return closed || download.isDelivered() ? 0 : EngineLimits.DIAL_BELOW;
    }

    private MetadataPeer dialled(Handshake theirs, Candidate candidate, ByteBuf early) {
        return source(theirs, candidate.address(), candidate, early).peer;
    }

    private MetadataSource source(
            Handshake theirs, InetSocketAddress address, @Nullable Candidate candidate, ByteBuf early) {
        ExtendedHandshake description = new ExtendedHandshake(
                ExtensionIds.ours(
                        spec.isPrivate() ? Set.of(Extension.METADATA) : Set.of(Extension.METADATA, Extension.PEX)),
                0,
                presence.port(),
                0,
                ExtendedHandshakes.CLIENT,
                null,
                engine.addressesFor(address.getAddress()));
        return new MetadataSource(loop, ours, theirs, address, candidate, early, description, download);
    }

    // ---- For the handle

    /** Takes over an incoming connection. Any thread. */
    void accept(Connection connection, Handshake theirs, ByteBuf rest, boolean answered) {
        MetadataPeer peer = source(theirs, connection.remote(), null, rest).peer;
        if (answered) {
            peer.handshakeWasSent();
        }
        loop.adopt(connection, peer);
    }

    /** Any thread. */
    boolean isAnnouncedTo(String tracker) {
        return announcer.isAnnouncedTo(tracker);
    }

    void reannounce(String tracker) {
        announcer.reannounce(tracker);
    }

    void announceOnRequest() {
        announcer.announceOnRequest();
    }

    void addPeers(List<InetSocketAddress> addresses) {
        if (!closed) {
            slots.addCandidates(addresses);
            slots.dialMore();
        }
    }

    /** Any thread. */
    Stats stats() {
        return stats;
    }

    // ---- Life cycle

    void open() {
        presence.setAccepting(true);
        announcer.start();
        addTrackerPeers(spec.peers());
        tick();
    }

    /** Its own trackers, or the magnet, named these addresses. The torrent may turn out to be private. */
    private void addTrackerPeers(List<InetSocketAddress> addresses) {
        presence.addNamed(addresses);
        addPeers(addresses);
    }

    private void tick() {
        timer = loop.schedule(TICK, this::tick); // first, so that a fault ends one tick and not the search
        download.tick(loop.nanoTime());
        slots.dialMore();
        if (slots.hasBecomeIsolated()) {
            announcer.announceSoon();
        }
        stats = snapshot();
    }

    private Stats snapshot() {
        int outsiders = 0;
        int offering = 0;
        for (MetadataSource source : sources) {
            if (!engine.config().fleet().test(source.peerId())) {
                outsiders++;
                offering += source.offers ? 1 : 0;
            }
        }
        return new Stats(outsiders, offering, announcer.stats());
    }

    void close(boolean announceStopped, CompletableFuture<Void> done) {
        if (closed) {
            done.complete(null);
            return;
        }
        closed = true;
        presence.setAccepting(false);
        if (timer != null) {
            timer.cancel();
        }
        download.close();
        var _ = announcer.leave(announceStopped).thenRun(() -> done.complete(null));
    }
}
