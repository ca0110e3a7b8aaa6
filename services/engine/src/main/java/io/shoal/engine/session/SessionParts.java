package io.shoal.engine.session;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.ExtensionMessage;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.bittorrent.wire.UploadOnly;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.store.Store;
import io.shoal.engine.verifying.Sender;
import java.util.random.RandomGenerator;

/**
 * The parts of a torrent's session, built and connected here and nowhere else.
 *
 * <p>Invariant: each part gets the few functions of others that it needs when it is built, and knows neither this class
 * nor the session; what happens in it comes back as an event. The one circle, slots whose dials become peers that hold
 * slots, is closed by {@link ConnectionSlots#connectWith}. A new protocol extension is one part, one line here, and one
 * case of {@link #extension}.
 */
final class SessionParts {
    final PeerSet peers = new PeerSet();
    final SessionCounters counters;
    final Download download;
    final TorrentActivity activity;
    final ConnectionSlots slots;
    final PeerSearch search;
    final Unchoking unchoking;
    final ExtendedHandshakes handshakes;
    final ConnectedPeers connectedPeers;
    final SessionContext context;
    final PeerFactory peerFactory;
    final SessionAnnouncer announcer;
    final SiblingConnector siblingConnector;
    final StatsSnapshots snapshots;
    final SwarmInspection inspection;
    final PeerExchange exchange;
    final WebSeedSet webSeeds;

    private final MetadataUploads metadata;

    /**
     * @param results is notified of the results of the download; never before this returns
     * @param firstPeer runs when a peer has joined and there was none
     */
    SessionParts(
            EngineContext engine,
            GuardedLoop loop,
            TorrentSpec spec,
            Geometry geometry,
            Presence presence,
            Siblings siblings,
            Store store,
            RandomGenerator random,
            Download.Listener results,
            Runnable firstPeer) {
        Info info = spec.info();
        Handshake ours = new Handshake(info.hash(), spec.peerId(), Capabilities.OURS);
        counters = new SessionCounters(spec.resumed());
        download = new Download(
                engine,
                loop,
                spec,
                geometry,
                store,
                peers,
                siblings.claims(geometry.pieces().count(), loop::nanoTime),
                presence::siblings,
                random,
                results);
        activity = new TorrentActivity(download::isDone);
        slots = new ConnectionSlots(
                engine,
                loop,
                spec.owner(),
                presence,
                address -> download.isBanned(new Sender.Address(address)),
                activity::dialBelow,
                () -> peers.closeLeastUseful(ConnectedPeers.SEAT_GIVEN_UP));
        PeerOrigins origins = new PeerOrigins(peers);
        search = new PeerSearch(slots, activity, presence, origins, info.isPrivate());
        exchange = new PeerExchange(spec.isPrivate(), loop::nanoTime, peers, slots, search, activity, random);
        unchoking = new Unchoking(
                loop::nanoTime,
                peers,
                activity,
                counters::upRate,
                engine.uploadSlots().share(),
                random);
        metadata = new MetadataUploads(info, loop::nanoTime);
        handshakes = new ExtendedHandshakes(
                info, presence.port(), engine::addressesFor, activity::isDone, exchange::isAllowed);
        connectedPeers = new ConnectedPeers(loop, ours, peers, slots, presence, activity, new PeerEvents(firstPeer));
        context = new SessionContext(engine, loop, ours, spec, store, counters, peers::size, this::canServe);
        peerFactory = new PeerFactory(
                context,
                engine.config().fleet(),
                new ConnectedPeer.Receivers(loop, connectedPeers, download, unchoking, this::extension));
        slots.connectWith(new Dialer(loop, engine.network(), engine.encryption(), ours, peerFactory::dialled)::dial);
        announcer = new SessionAnnouncer(
                engine,
                loop,
                new SessionAnnouncer.Identity(
                        info.hash(), spec.peerId(), presence.port(), spec.trackers(), spec.resumed()),
                new TorrentProgress(counters, download::left, activity, peers),
                siblings,
                random,
                search::addTrackerPeers);
        siblingConnector = new SiblingConnector(loop, ours, presence, siblings, peerFactory, activity::needsPieces);
        webSeeds = new WebSeedSet(engine.webServers(), info, context, download, activity, peers);
        webSeeds.setUrls(spec.webSeeds());
        snapshots = new StatsSnapshots(counters, download, peers, announcer, webSeeds);
        inspection = new SwarmInspection(peers, download, unchoking, origins);
    }

    private boolean canServe(int piece) {
        return activity.isActive() && download.served().get(piece);
    }

    private void extension(ConnectedPeer peer, ExtensionMessage message) {
        switch (message) {
            case ExtendedHandshake handshake -> connectedPeers.described(peer, handshake);
            case UploadOnly change -> peer.uploadOnly = change.uploadOnly();
            case MetadataMessage part -> metadata.received(peer, part);
            case PexMessage contacts -> exchange.received(peer, contacts);
        }
    }

    private final class PeerEvents implements ConnectedPeers.Events {
        private final Runnable firstPeer;

        PeerEvents(Runnable firstPeer) {
            this.firstPeer = firstPeer;
        }

        @Override
        public void joined(ConnectedPeer peer) {
            peer.connection.sendInitialMessages(download.served(), handshakes.handshakeFor(peer));
            if (peers.size() == 1) {
                firstPeer.run();
            }
        }

        @Override
        public void left(ConnectedPeer peer) {
            download.left(peer);
            unchoking.left(peer);
            exchange.left(peer);
        }
    }
}
