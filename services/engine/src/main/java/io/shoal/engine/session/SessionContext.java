package io.shoal.engine.session;

import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.peers.TorrentContext;
import io.shoal.engine.store.Store;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The torrent as seen by its peers. Resumes peers that wait for the rate limits or the store. */
final class SessionContext implements TorrentContext {
    /** After so long it is seen whether the store has caught up. */
    private static final Duration RESUME_DELAY = Duration.ofMillis(10);

    private final TorrentSession session;
    private final Store store;
    private final Handshake handshake;
    private final Share down;
    private final Share up;
    private final Set<Peer> waiting = new LinkedHashSet<>();

    SessionContext(TorrentSession session, String owner, Store store) {
        this.session = session;
        this.down = session.engine().down().share(owner);
        this.up = session.engine().up().share(owner);
        this.store = store;
        this.handshake = new Handshake(session.info().hash(), session.peerId(), Capabilities.OURS);
    }

    @Override
    public Loop loop() {
        return session.guardedLoop();
    }

    @Override
    public Pieces pieces() {
        return session.info().pieces();
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public Handshake handshake() {
        return handshake;
    }

    @Override
    public boolean mayReceive() {
        return session.engine().backlog().isOpen();
    }

    @Override
    public Share downShare() {
        return down;
    }

    @Override
    public Share upShare() {
        return up;
    }

    void setLimits(TorrentSpec.Limits limits) {
        down.setRate(limits.downRate());
        up.setRate(limits.upRate());
    }

    void close() {
        down.close();
        up.close();
    }

    @Override
    public void countReceived(int bytes) {
        session.counters().received(bytes);
    }

    @Override
    public void countSent(int bytes) {
        session.counters().sent(bytes);
    }

    @Override
    public boolean areConnectionsScarce() {
        return session.engine().seats().taken() > EngineLimits.PEERS_PER_ENGINE * EngineLimits.SCARCE_PERCENT / 100
                || session.connectedPeers().size() > EngineLimits.PEERS_PER_TORRENT * EngineLimits.SCARCE_PERCENT / 100;
    }

    @Override
    public boolean canServe(int piece) {
        return session.isActive() && session.download().served().get(piece);
    }

    @Override
    public void resumeLater(Peer peer) {
        if (waiting.isEmpty()) {
            loop().schedule(RESUME_DELAY, this::resume);
        }
        waiting.add(peer);
    }

    /** Resumes as many as may read once without passing the backlog's bound, those first that wait longest. */
    private void resume() {
        long room = session.engine().backlog().room() / EngineLimits.READ_BYTES;
        List<Peer> next = waiting.stream().limit(room).toList();
        next.forEach(waiting::remove);
        if (!waiting.isEmpty()) {
            loop().schedule(RESUME_DELAY, this::resume);
        }
        next.forEach(Peer::resume);
    }
}
