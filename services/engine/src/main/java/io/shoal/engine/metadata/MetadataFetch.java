package io.shoal.engine.metadata;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.engine.limits.EngineLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
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
 * <p>Only the info-hash is certain. The size is what peers claim, and they may lie; so <em>attempts</em> for the sizes
 * that most peers offer run in parallel, and one that makes no progress is abandoned. The pieces of an attempt come
 * from several peers. If the whole is wrong, the liar among them is unknown, so from then on each attempt for this size
 * uses one peer alone: a peer whose data is wrong then is a liar, and is not asked again. Nothing else proves a lie.
 *
 * <p>Invariant: the attempts have taken the bytes that they hold from the budget, and release them when they end; there
 * is none after {@link #close}. Confined to one loop.
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

    /** Sizes that are tried in parallel. */
    static final int ATTEMPTS_MAX = 3;

    private final InfoHash wanted;
    private final MetadataBudget budget;
    private final Map<P, Source> sources = new LinkedHashMap<>();
    private final Map<Integer, SizeRecord> sizeRecords = new HashMap<>();
    private Set<P> liars = new LinkedHashSet<>();

    /** By size. */
    private final Map<Integer, MetadataAttempt<P>> attempts = new LinkedHashMap<>();

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

    public MetadataFetch(InfoHash wanted, MetadataBudget budget) {
        this.wanted = wanted;
        this.budget = budget;
    }

    /**
     * The peer offers {@code size} bytes of metadata (BEP 10's handshake); a later offer replaces an earlier one. An
     * impossible size is ignored.
     */
    public void offered(P peer, long size) {
        if (size <= 0 || size > Limits.INFO_BYTES) {
            return;
        }
        Source known = sources.get(peer);
        if (known == null) {
            sources.put(peer, new Source((int) size));
        } else if (known.size != size) {
            left(peer);
            sources.put(peer, new Source((int) size));
        }
    }

    /** The peer has disconnected. */
    public void left(P peer) {
        Source source = sources.remove(peer);
        if (source != null && info == null) {
            abandonIfSole(peer, source);
        }
    }

    private void abandonIfSole(P peer, Source source) {
        MetadataAttempt<P> attempt = attempts.get(source.size);
        if (attempt != null && peer.equals(attempt.sole)) {
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
        if (source == null || source.requested.remove(message.piece()) == null || info != null) {
            return; // not requested, or too late
        }
        switch (message) {
            case MetadataMessage.Data data -> data(peer, source, data, now);
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
        Map<Integer, List<P>> waiting = offersWithoutAttempt(now);
        for (MetadataAttempt<P> attempt : List.copyOf(attempts.values())) {
            if (attempt.isHopeless(sizeRecord(attempt.size).failures, !waiting.isEmpty(), now)) {
                abandon(attempt);
            } else if (!waiting.isEmpty() && sources.values().stream().noneMatch(s -> s.size == attempt.size)) {
                end(attempt);
            }
        }
        begin(offersWithoutAttempt(now), now);
        List<PeerRequest<P>> requests = new ArrayList<>();
        attempts.values().forEach(attempt -> assign(attempt, now, requests));
        return requests;
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
        List.copyOf(attempts.values()).forEach(this::end);
        closed = true;
    }

    private void data(P peer, Source source, MetadataMessage.Data data, long now) {
        MetadataAttempt<P> attempt = attempts.get(source.size);
        if (attempt == null || !uses(attempt, peer, source) || !attempt.missing.get(data.piece())) {
            return;
        }
        // The total size that comes with it proves nothing: some clients send that of the piece.
        int length = attempt.length(data.piece());
        if (data.bytes().length != length) {
            pause(peer, source, now);
        } else if (budget.tryAcquire(length, held())) {
            attempt.add(peer, data.piece(), data.bytes(), now);
            if (attempt.isComplete()) {
                verify(attempt);
            }
        } // else it is requested again when there is room
    }

    private static <P> boolean uses(MetadataAttempt<P> attempt, P peer, Source source) {
        return source.size == attempt.size && (attempt.sole == null || attempt.sole.equals(peer));
    }

    /** Bytes that all attempts hold. */
    private long held() {
        long held = 0;
        for (MetadataAttempt<P> attempt : attempts.values()) {
            held += attempt.held();
        }
        return held;
    }

    private void verify(MetadataAttempt<P> attempt) {
        byte[] bytes = attempt.bytes();
        if (InfoHash.ofInfo(bytes).equals(wanted)) {
            info = bytes; // its budget is kept until close, because its memory is
        } else if (attempt.senders.size() == 1) {
            end(attempt);
            attempt.senders.forEach(this::markLiar);
        } else {
            sizeRecord(attempt.size).hasMixedSenders = true;
            abandon(attempt);
        }
    }

    private void markLiar(P peer) {
        liars.add(peer);
        left(peer);
    }

    private void pause(P peer, Source source, long now) {
        source.pausedUntil = now + PAUSE_NANOS;
        source.requested.clear();
        abandonIfSole(peer, source);
    }

    private void expire(long now) {
        for (Map.Entry<P, Source> each : List.copyOf(sources.entrySet())) {
            if (each.getValue().requested.values().stream().anyMatch(until -> until <= now)) {
                pause(each.getKey(), each.getValue(), now);
            }
        }
    }

    /** Returns the peers that offer each size for which there is no attempt. */
    private Map<Integer, List<P>> offersWithoutAttempt(long now) {
        Map<Integer, List<P>> offers = new HashMap<>();
        sources.forEach((peer, source) -> {
            if (!source.isPaused(now) && !attempts.containsKey(source.size)) {
                offers.computeIfAbsent(source.size, s -> new ArrayList<>()).add(peer);
            }
        });
        return offers;
    }

    /** Starts attempts for the sizes that failed least, then that most peers offer, then the smallest. */
    private void begin(Map<Integer, List<P>> offers, long now) {
        offers.entrySet().stream()
                .sorted(Comparator.<Map.Entry<Integer, List<P>>>comparingInt(
                                offer -> sizeRecord(offer.getKey()).failures)
                        .thenComparingInt(offer -> -offer.getValue().size())
                        .thenComparingInt(Map.Entry::getKey))
                .limit(Math.max(0, ATTEMPTS_MAX - attempts.size()))
                .forEach(offer -> {
                    int size = offer.getKey();
                    SizeRecord record = sizeRecord(size);
                    List<P> peers = offer.getValue();
                    P sole = record.hasMixedSenders ? peers.get(record.failures % peers.size()) : null;
                    attempts.put(size, new MetadataAttempt<>(size, sole, now));
                });
    }

    private void assign(MetadataAttempt<P> attempt, long now, List<PeerRequest<P>> requests) {
        if (!budget.allows(MetadataMessage.PIECE, held())) {
            return;
        }
        BitSet open = (BitSet) attempt.missing.clone();
        BitSet slow = new BitSet();
        for (Source source : sources.values()) {
            if (source.size == attempt.size) {
                source.requested.forEach((piece, until) -> {
                    boolean alone = open.get(piece);
                    open.clear(piece);
                    slow.set(piece, alone && until - now <= PIECE_NANOS - LATE_NANOS);
                });
            }
        }
        share(open, attempt, now, requests);
        share(slow, attempt, now, requests);
    }

    /** Assigns one piece to each peer in turn, so that the pieces spread over all peers that have them. */
    private void share(BitSet pieces, MetadataAttempt<P> attempt, long now, List<PeerRequest<P>> requests) {
        for (boolean any = true; any && !pieces.isEmpty(); ) {
            any = false;
            for (Map.Entry<P, Source> each : sources.entrySet()) {
                Source source = each.getValue();
                int piece = source.firstNotRequested(pieces);
                if (piece >= 0
                        && uses(attempt, each.getKey(), source)
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

    private void abandon(MetadataAttempt<P> attempt) {
        sizeRecord(attempt.size).failures++;
        end(attempt);
    }

    private void end(MetadataAttempt<P> attempt) {
        budget.release(attempt.held());
        attempts.remove(attempt.size);
        for (Source source : sources.values()) {
            if (source.size == attempt.size) {
                source.requested.clear();
            }
        }
    }
}
