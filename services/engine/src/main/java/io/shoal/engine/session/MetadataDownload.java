package io.shoal.engine.session;

import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.engine.dialing.Candidates;
import io.shoal.engine.exchange.PexIn;
import io.shoal.engine.metadata.MetadataFetch;
import io.shoal.engine.metadata.MetadataFetch.PeerRequest;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

/**
 * Fetches the info dictionary of a magnet from its peers, which it accepts and closes.
 *
 * <p>Invariant: no two accepted peers have the same peer id, none has ours, and each has a slot of
 * {@link ConnectionSlots}, which is released when it leaves.
 */
final class MetadataDownload implements MetadataSource.Receiver {
    private final GuardedLoop loop;
    private final Handshake ours;
    private final MetadataSourceSet sources;
    private final ConnectionSlots slots;
    private final Presence presence;
    private final MetadataFetch<MetadataSource> fetch;
    private final boolean isPrivate;
    private final Consumer<byte[]> resolved;
    private final PexIn exchange;
    private boolean delivered;
    private boolean closed;

    /**
     * @param isPrivate whether peers must not name others
     * @param resolved receives the verified info dictionary, once
     */
    MetadataDownload(
            GuardedLoop loop,
            Handshake ours,
            MetadataSourceSet sources,
            ConnectionSlots slots,
            Presence presence,
            MetadataFetch<MetadataSource> fetch,
            boolean isPrivate,
            Consumer<byte[]> resolved) {
        this.loop = loop;
        this.ours = ours;
        this.sources = sources;
        this.slots = slots;
        this.presence = presence;
        this.fetch = fetch;
        this.isPrivate = isPrivate;
        this.resolved = resolved;
        this.exchange = new PexIn(contact -> slots.isNewCandidate(contact.address()), slots::isCandidate);
    }

    /** Whether the info dictionary was fetched. */
    boolean isDelivered() {
        return delivered;
    }

    /** Must be called about once a second. */
    void tick(long now) {
        for (MetadataSource source : sources) {
            source.peer.tick(now);
        }
        requestMore();
    }

    void close() {
        closed = true;
        for (MetadataSource source : sources) {
            source.peer.close("closed");
        }
        slots.close();
        fetch.close();
    }

    @Override
    public void opened(MetadataSource source) {
        source.hasSlot = source.hasSlot || slots.acquire(source.address());
        source.openedAt = loop.nanoTime();
        if (!source.hasSlot
                || closed
                || !source.peer.handshake().infoHash().equals(ours.infoHash())
                || source.peerId().equals(ours.peerId())) {
            source.peer.close("not wanted");
        } else if (!replacesDuplicates(source)) {
            source.peer.close(DuplicateConnection.REASON);
        } else {
            sources.add(source);
            presence.connected(source.peerId());
            slots.giveUpSeats();
        }
    }

    /** Closes an older connection to the same peer, or returns false if that one is kept. */
    private boolean replacesDuplicates(MetadataSource newer) {
        for (MetadataSource older : sources) {
            if (older.peerId().equals(newer.peerId())) {
                if (!DuplicateConnection.replaces(
                        ours.peerId(),
                        older.peerId(),
                        older.candidate == null,
                        newer.candidate == null,
                        loop.nanoTime() - older.openedAt)) {
                    return false;
                }
                older.peer.close(DuplicateConnection.REASON);
            }
        }
        return true;
    }

    @Override
    public void listens(MetadataSource source, int port) {
        if (source.candidate == null && sources.contains(source)) {
            forgetListenAddress(source);
            source.listenAddress = new InetSocketAddress(source.address(), port);
            slots.connected(source.listenAddress);
        }
    }

    private void forgetListenAddress(MetadataSource source) {
        if (source.listenAddress != null) {
            slots.disconnected(source.listenAddress);
            source.listenAddress = null;
        }
    }

    @Override
    public void offered(MetadataSource source, int size) {
        source.offers = true;
        fetch.offered(source, size);
        requestMore();
    }

    @Override
    public void answered(MetadataSource source, MetadataMessage message) {
        source.hasAnswered = true;
        fetch.received(source, message, loop.nanoTime());
        for (MetadataSource liar : fetch.liars()) {
            sources.ban(liar.address());
            liar.peer.close("lied");
        }
        requestMore();
    }

    /**
     * Uses what peers name unless the torrent is said to be private: by its metadata it may turn out to be, but that is
     * not known before. With the info dictionary it ends.
     */
    @Override
    public void exchanged(MetadataSource source, PexMessage message) {
        if (closed || delivered || isPrivate) {
            return;
        }
        if (source.exchangeSender.floods(loop.nanoTime())) {
            source.peer.close("floods with peer exchange");
            return;
        }
        List<InetSocketAddress> accepted = exchange.received(source.address(), message);
        if (!accepted.isEmpty()) {
            slots.addCandidates(accepted, Candidates.EXCHANGED);
            slots.dialMore();
        }
    }

    /** Sends the next requests, or passes on the fetched info dictionary. */
    private void requestMore() {
        if (closed || delivered) {
            return;
        }
        byte[] info = fetch.info();
        if (info != null) {
            delivered = true;
            resolved.accept(info);
            return;
        }
        for (PeerRequest<MetadataSource> request : fetch.nextRequests(loop.nanoTime())) {
            request.peer().peer.request(request.request());
        }
    }

    @Override
    public void left(MetadataSource source) {
        if (sources.remove(source)) {
            presence.disconnected(source.peerId());
        }
        fetch.left(source);
        if (source.hasSlot) {
            if (source.candidate != null) {
                slots.disconnected(source.candidate.address());
            }
            slots.release(source.address());
            InetSocketAddress listens = source.listenAddress;
            forgetListenAddress(source);
            slots.ended(source.candidate, listens, ending(source));
        }
        requestMore();
    }

    private Ending ending(MetadataSource source) {
        if (closed) {
            return Ending.FINAL;
        }
        if (source.peer.brokeProtocol() || source.peerId().equals(ours.peerId())) {
            return Ending.FAULT;
        }
        return source.hasAnswered ? Ending.USED : Ending.USELESS;
    }
}
