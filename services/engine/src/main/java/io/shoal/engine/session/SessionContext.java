package io.shoal.engine.session;

import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;
import io.shoal.engine.peers.Peer;
import io.shoal.engine.peers.TorrentContext;
import io.shoal.engine.store.Store;
import io.shoal.engine.webseeds.RangeClient;
import io.shoal.engine.webseeds.WebSeed;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/** The torrent as seen by its peers and web seeds. Resumes peers that wait for the rate limits or the store. */
final class SessionContext implements TorrentContext, WebSeed.Context {
    /** After so long it is seen whether the store has caught up. */
    private static final Duration RESUME_DELAY = Duration.ofMillis(10);

    private final EngineContext engine;
    private final GuardedLoop loop;
    private final Handshake handshake;
    private final Pieces pieces;
    private final Store store;
    private final SessionCounters counters;
    private final Share down;
    private final Share up;
    private final IntSupplier peers;
    private final IntPredicate canServe;
    private final Set<Peer> waiting = new LinkedHashSet<>();

    /**
     * @param peers returns how many are connected
     * @param canServe whether a piece may be served now
     */
    SessionContext(
            EngineContext engine,
            GuardedLoop loop,
            Handshake handshake,
            TorrentSpec spec,
            Store store,
            SessionCounters counters,
            IntSupplier peers,
            IntPredicate canServe) {
        this.engine = engine;
        this.loop = loop;
        this.handshake = handshake;
        this.pieces = spec.info().pieces();
        this.store = store;
        this.counters = counters;
        this.down = engine.down().share(spec.owner());
        this.up = engine.up().share(spec.owner());
        this.peers = peers;
        this.canServe = canServe;
        setLimits(spec.limits());
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public Pieces pieces() {
        return pieces;
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
        return engine.backlog().isOpen();
    }

    @Override
    public Share downShare() {
        return down;
    }

    @Override
    public Share upShare() {
        return up;
    }

    @Override
    public RangeClient.Requests openRequests() {
        return loop.open(engine.webServers().client());
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
        counters.received(bytes);
    }

    @Override
    public void countSent(int bytes) {
        counters.sent(bytes);
    }

    @Override
    public boolean areConnectionsScarce() {
        return engine.seats().taken() > EngineLimits.PEERS_PER_ENGINE * EngineLimits.SCARCE_PERCENT / 100
                || peers.getAsInt() > EngineLimits.PEERS_PER_TORRENT * EngineLimits.SCARCE_PERCENT / 100;
    }

    @Override
    public boolean canServe(int piece) {
        return canServe.test(piece);
    }

    @Override
    public void resumeLater(Peer peer) {
        if (waiting.isEmpty()) {
            loop.schedule(RESUME_DELAY, this::resume);
        }
        waiting.add(peer);
    }

    /** Resumes as many as may read once without passing the backlog's bound, those first that wait longest. */
    private void resume() {
        long room = engine.backlog().room() / EngineLimits.READ_BYTES;
        List<Peer> next = waiting.stream().limit(room).toList();
        next.forEach(waiting::remove);
        if (!waiting.isEmpty()) {
            loop.schedule(RESUME_DELAY, this::resume);
        }
        next.forEach(Peer::resume);
    }
}
