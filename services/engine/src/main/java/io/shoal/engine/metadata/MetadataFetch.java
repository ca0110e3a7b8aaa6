package io.shoal.engine.metadata;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.engine.limits.EngineLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the info dictionary of a magnet from peers (BEP 9). It does no I/O: it is given the peers' messages and
 * returns the requests to send.
 *
 * <p>Only the info-hash is certain. The size is what peers claim, and they may lie; so one <em>attempt</em> at a time
 * is made for one size, first for the size that most peers offer. Its pieces come from several peers. If the whole is
 * wrong, the liar among them is unknown, so from then on each attempt for this size uses one peer alone: a peer whose
 * data is wrong then is a liar, and is not asked again.
 *
 * <p>Invariant: an attempt has taken its size from the budget, and releases it when it ends; there is none after
 * {@link #close}. Confined to one loop.
 */
public final class MetadataFetch<P> {
    /** Outstanding requests to one peer: enough to hide the round trip. */
    static final int REQUESTS_MAX = 4;

    /** After this time a piece is also requested from a second peer, if one is idle. */
    static final long LATE_NANOS = Duration.ofSeconds(3).toNanos();

    /** After this time a requested piece is late. */
    static final long PIECE_NANOS = Duration.ofSeconds(20).toNanos();

    /** A peer that rejects a request or is late is not asked for this long. */
    static final long PAUSE_NANOS = Duration.ofSeconds(60).toNanos();

    /** An attempt without progress for this long is abandoned: its size may be wrong. */
    static final long STALL_NANOS = Duration.ofSeconds(45).toNanos();

    private final InfoHash wanted;
    private final MetadataBudget budget;
    private final Map<P, Source> sources = new LinkedHashMap<>();
    private final Map<Integer, SizeRecord> sizeRecords = new HashMap<>();
    private Set<P> liars = new LinkedHashSet<>();
    private @Nullable Attempt attempt;
    private byte @Nullable [] info;
    private boolean closed;

    /** A request to be sent. */
    public record PeerRequest<P>(P peer, MetadataMessage.Request request) {}

    /** A peer that offers the metadata. */
    private static final class Source {
        final int size;
        /** Pieces that are requested from it, and until when. */
        final Map<Integer, Long> requested = new HashMap<>();

        long pausedUntil = Long.MIN_VALUE;

        Source(int size) {
            this.size = size;
        }

        boolean isPaused(long now) {
            return pausedUntil > now;
        }

        /** Returns the first of {@code pieces} that is not requested from it; -1 if there is none. */
        int firstNotRequested(BitSet pieces) {
            int piece = pieces.nextSetBit(0);
            while (piece >= 0 && requested.containsKey(piece)) {
                piece = pieces.nextSetBit(piece + 1);
            }
            return piece;
        }
    }

    /** What is known about a size that peers offer. */
    private static final class SizeRecord {
        int failures;
        boolean hasMixedSenders;
    }

    private final class Attempt {
        final int size;
        final byte[] bytes;
        final BitSet missing = new BitSet();
        final Set<P> senders = new LinkedHashSet<>();
        final @Nullable P sole;
        long progress;

        Attempt(int size, @Nullable P sole, long now) {
            this.size = size;
            this.bytes = new byte[size];
            this.sole = sole;
            this.progress = now;
            missing.set(0, (size + MetadataMessage.PIECE - 1) / MetadataMessage.PIECE);
        }

        boolean uses(P peer, Source source) {
            return source.size == size && (sole == null || sole.equals(peer));
        }

        int length(int piece) {
            return Math.min(MetadataMessage.PIECE, size - piece * MetadataMessage.PIECE);
        }
    }

    public MetadataFetch(InfoHash wanted, MetadataBudget budget) {
        this.wanted = wanted;
        this.budget = budget;
    }

    /** The peer offers {@code size} bytes of metadata (BEP 10's handshake). An impossible size is ignored. */
    public void offered(P peer, long size) {
        if (size > 0 && size <= Limits.INFO_BYTES) {
            sources.putIfAbsent(peer, new Source((int) size));
        }
    }

    /** The peer has disconnected. */
    public void left(P peer) {
        sources.remove(peer);
        if (attempt != null && info == null && peer.equals(attempt.sole)) {
            abandon(attempt);
        }
    }

    /**
     * A piece was received, or rejected.
     *
     * @param now of the loop's clock, in nanoseconds
     */
    public void received(P peer, MetadataMessage message, long now) {
        Source source = sources.get(peer);
        if (source == null || source.requested.remove(message.piece()) == null || attempt == null || info != null) {
            return; // not requested, or too late
        }
        switch (message) {
            case MetadataMessage.Data data -> data(attempt, peer, source, data, now);
            case MetadataMessage.Reject reject -> pause(peer, source, now);
            case MetadataMessage.Request request -> {}
        }
    }

    /**
     * Returns the requests to send. Must be called when peers join, leave or send something, and once a second.
     *
     * @param now of the loop's clock, in nanoseconds
     */
    public List<PeerRequest<P>> nextRequests(long now) {
        if (closed || info != null) {
            return List.of();
        }
        expire(now);
        if (attempt != null && now - attempt.progress > STALL_NANOS) {
            abandon(attempt);
        }
        if (attempt == null) {
            attempt = begin(now);
        }
        return attempt == null ? List.of() : assign(attempt, now);
    }

    /** Returns the info dictionary once it is complete and verified, null before. The caller may keep it. */
    public byte @Nullable [] info() {
        return info;
    }

    /** Returns the peers that were proven to lie since the last call. */
    public Set<P> liars() {
        Set<P> found = liars;
        liars = new LinkedHashSet<>();
        return found;
    }

    /** Ends the fetch; must be called in any case, also when the metadata is complete and has been used. */
    public void close() {
        if (attempt != null) {
            end(attempt);
        }
        closed = true;
    }

    private void data(Attempt current, P peer, Source source, MetadataMessage.Data data, long now) {
        if (!current.uses(peer, source) || !current.missing.get(data.piece())) {
            return;
        }
        int length = current.length(data.piece());
        if (data.bytes().length != length || data.totalSize() != 0 && data.totalSize() != current.size) {
            markLiar(peer);
            return;
        }
        System.arraycopy(data.bytes(), 0, current.bytes, data.piece() * MetadataMessage.PIECE, length);
        current.missing.clear(data.piece());
        current.senders.add(peer);
        current.progress = now;
        if (current.missing.isEmpty()) {
            verify(current);
        }
    }

    private void verify(Attempt current) {
        if (InfoHash.ofInfo(current.bytes).equals(wanted)) {
            info = current.bytes;
            return; // its budget is kept until close, because its memory is
        }
        if (current.senders.size() == 1) {
            end(current);
            current.senders.forEach(this::markLiar);
        } else {
            sizeRecord(current.size).hasMixedSenders = true;
            abandon(current);
        }
    }

    private void markLiar(P peer) {
        liars.add(peer);
        left(peer);
    }

    private void pause(P peer, Source source, long now) {
        source.pausedUntil = now + PAUSE_NANOS;
        source.requested.clear();
        if (attempt != null && peer.equals(attempt.sole)) {
            abandon(attempt);
        }
    }

    private void expire(long now) {
        for (Map.Entry<P, Source> each : List.copyOf(sources.entrySet())) {
            if (each.getValue().requested.values().stream().anyMatch(until -> until <= now)) {
                pause(each.getKey(), each.getValue(), now);
            }
        }
    }

    /**
     * Starts an attempt for the size that failed least, then that most peers offer, then the smallest; null if none is
     * possible.
     */
    private @Nullable Attempt begin(long now) {
        Map<Integer, List<P>> offers = new HashMap<>();
        sources.forEach((peer, source) -> {
            if (!source.isPaused(now)) {
                offers.computeIfAbsent(source.size, s -> new ArrayList<>()).add(peer);
            }
        });
        int best = 0;
        for (int size : offers.keySet()) {
            if (best == 0 || rank(size, offers) < rank(best, offers)) {
                best = size;
            }
        }
        if (best == 0 || !budget.tryAcquire(best)) {
            return null;
        }
        SizeRecord sizeRecord = sizeRecord(best);
        List<P> peers = offers.getOrDefault(best, List.of());
        return new Attempt(
                best, sizeRecord.hasMixedSenders ? peers.get(sizeRecord.failures % peers.size()) : null, now);
    }

    private long rank(int size, Map<Integer, List<P>> offers) {
        long peers = offers.getOrDefault(size, List.of()).size();
        return (long) Math.min(sizeRecord(size).failures, 1 << 10) << 50 | (long) (1 << 20) - peers << 26 | size;
    }

    private List<PeerRequest<P>> assign(Attempt current, long now) {
        BitSet open = (BitSet) current.missing.clone();
        BitSet slow = new BitSet();
        for (Source source : sources.values()) {
            source.requested.forEach((piece, until) -> {
                boolean alone = open.get(piece);
                open.clear(piece);
                slow.set(piece, alone && until - now <= PIECE_NANOS - LATE_NANOS);
            });
        }
        List<PeerRequest<P>> requests = new ArrayList<>();
        share(open, current, now, requests);
        share(slow, current, now, requests);
        return requests;
    }

    /** Assigns one piece to each peer in turn, so that the pieces spread over all peers that have them. */
    private void share(BitSet pieces, Attempt current, long now, List<PeerRequest<P>> requests) {
        for (boolean any = true; any && !pieces.isEmpty(); ) {
            any = false;
            for (Map.Entry<P, Source> each : sources.entrySet()) {
                Source source = each.getValue();
                int piece = source.firstNotRequested(pieces);
                if (piece >= 0
                        && current.uses(each.getKey(), source)
                        && !source.isPaused(now)
                        && source.requested.size() < REQUESTS_MAX) {
                    pieces.clear(piece);
                    source.requested.put(piece, now + PIECE_NANOS);
                    requests.add(new PeerRequest<>(each.getKey(), new MetadataMessage.Request(piece)));
                    any = true;
                }
            }
        }
    }

    /** Returns the record of {@code size}. The number of records is bounded, however many peers come and go. */
    private SizeRecord sizeRecord(int size) {
        if (sizeRecords.size() >= EngineLimits.METADATA_SIZES && !sizeRecords.containsKey(size)) {
            Set<Integer> offered = new HashSet<>();
            sources.values().forEach(source -> offered.add(source.size));
            sizeRecords.keySet().retainAll(offered);
        }
        return sizeRecords.computeIfAbsent(size, s -> new SizeRecord());
    }

    int sizesRemembered() {
        return sizeRecords.size();
    }

    private void abandon(Attempt current) {
        sizeRecord(current.size).failures++;
        end(current);
    }

    private void end(Attempt current) {
        budget.release(current.size);
        attempt = null;
        sources.values().forEach(source -> source.requested.clear());
    }
}
