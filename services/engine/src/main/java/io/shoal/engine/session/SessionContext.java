package io.shoal.engine.session;

import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.Handshake;
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
    /** How long a peer waits: a small part of a rate's burst, so that waiting loses no rate. */
    private static final Duration RESUME_DELAY = Duration.ofMillis(10);

    private final TorrentSession session;
    private final Store store;
    private final Handshake handshake;
    private Set<Peer> waiting = new LinkedHashSet<>();

    SessionContext(TorrentSession session, Store store) {
        this.session = session;
        this.store = store;
        this.handshake = new Handshake(session.info().hash(), session.peerId(), true);
    }

    @Override
    public Loop loop() {
        return session.loop();
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
        EngineContext engine = session.engine();
        return engine.backlog().isOpen() && engine.down().isOpen(loop().nanoTime());
    }

    @Override
    public boolean maySend() {
        return session.engine().up().isOpen(loop().nanoTime());
    }

    @Override
    public void countReceived(int bytes) {
        session.engine().down().spend(bytes);
        session.counters().received(bytes);
    }

    @Override
    public void countSent(int bytes) {
        session.engine().up().spend(bytes);
        session.counters().sent(bytes);
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

    private void resume() {
        List<Peer> all = List.copyOf(waiting);
        waiting = new LinkedHashSet<>();
        all.forEach(Peer::resume);
    }
}
