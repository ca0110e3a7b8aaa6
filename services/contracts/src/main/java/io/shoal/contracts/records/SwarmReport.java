package io.shoal.contracts.records;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.contracts.Generation;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The peers and pieces of one slice at one moment, in {@link ProgressRecord#swarm}: published each second while a
 * {@link DemandRecord.Inspect} is in force, and at no other time. Workers of this deployment are not among the peers.
 *
 * @param key of the slice
 * @param gen the generation that it speaks of
 * @param epoch as in {@link StatusRecord}
 * @param connected all connected peers, of which {@code peers} are those with the highest rates
 * @param peers at most {@link #PEERS_MAX}
 * @param pieces what there is of the pieces; null while the torrent is not loaded
 */
public record SwarmReport(
        String key,
        Generation gen,
        long epoch,
        int connected,
        List<Peer> peers,
        @Nullable Pieces pieces) {
    public static final int PEERS_MAX = 100;
    public static final int BUCKETS_MAX = 512;

    /** The longest name of a client, as {@link String#length} counts it: what a handshake leaves of it. */
    public static final int CLIENT_MAX = ExtendedHandshake.CLIENT_MAX;

    /** The longest text of an IPv6 address. */
    private static final int ADDRESS_MAX = 45;

    private static final int THOUSAND = 1_000;

    /** What is known of a connection beside its figures. */
    public enum PeerFlag {
        /** The peer has connected to the worker. */
        INCOMING,
        /** The worker wants pieces that the peer has. */
        INTERESTING,
        /** The peer wants pieces that the worker has. */
        INTERESTED,
        /** The worker sends the peer nothing at present. */
        CHOKED,
        /** The peer sends the worker nothing at present. */
        CHOKING,
        /** The peer is sent to for a while whatever it sends itself. */
        OPTIMISTIC,
        /** The peer has sent no requested block for long. */
        SNUBBED,
        /** The peer wants nothing more. */
        UPLOAD_ONLY,
        /** What is exchanged with the peer is encrypted on the way. */
        ENCRYPTED
    }

    /** From what the worker knows a peer. */
    public enum PeerSource {
        /** A tracker has named it. */
        TRACKER,
        /** It has connected by itself. */
        INCOMING,
        /** Another peer has named it, and no tracker has. */
        PEX,
        /** None of these: a magnet link has named it, for example. */
        OTHER
    }

    /**
     * One peer.
     *
     * @param address its IP address, an IPv6 address in its canonical form (RFC 5952)
     * @param client its program, cleaned; empty if unknown
     * @param done how much of the torrent it has, in thousandths
     * @param downRate payload bytes per second received from it
     * @param upRate payload bytes per second sent to it
     * @param down payload bytes received from it
     * @param up payload bytes sent to it
     * @param trackers the slice's trackers that have named it, by their {@link StatusRecord.Tracker#id}
     */
    public record Peer(
            String address,
            int port,
            String client,
            Set<PeerFlag> flags,
            PeerSource source,
            int done,
            long downRate,
            long upRate,
            long down,
            long up,
            List<String> trackers) {
        public Peer {
            Require.text(address, "address", ADDRESS_MAX);
            Require.within(port, "port", 0, 65_535);
            client = client == null ? "" : client;
            Require.within(client.length(), "the length of client", 0, CLIENT_MAX);
            Require.present(source, "source");
            Require.within(done, "done", 0, THOUSAND);
            Require.notNegative(downRate, "downRate");
            Require.notNegative(upRate, "upRate");
            Require.notNegative(down, "down");
            Require.notNegative(up, "up");
            flags = flags == null || flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
            trackers = Require.listOf(trackers, "trackers", Limits.TRACKERS);
        }
    }

    /**
     * The pieces in buckets of neighbours: bucket {@code i} of {@code n} has the pieces from {@code i * count / n}, rounded down, to
     * that of {@code i + 1}, without it. Every list has a number for each bucket.
     *
     * @param count all pieces
     * @param stored how many are in the store, in finished segments
     * @param spilled how many are verified and in the store, in segments that are not finished
     * @param open how many are being downloaded, or verified and not in the store yet
     * @param availability copies of the rarest piece among the connected peers
     */
    public record Pieces(
            int count, List<Integer> stored, List<Integer> spilled, List<Integer> open, List<Integer> availability) {
        public Pieces {
            Require.within(count, "count", 1, Integer.MAX_VALUE);
            stored = counts(stored, "stored");
            int buckets = stored.size();
            Require.within(buckets, "buckets", 1, Math.min(count, BUCKETS_MAX));
            spilled = sameSize(counts(spilled, "spilled"), "spilled", buckets);
            open = sameSize(counts(open, "open"), "open", buckets);
            availability = sameSize(counts(availability, "availability"), "availability", buckets);
        }

        private static List<Integer> counts(List<Integer> counts, String field) {
            List<Integer> checked = Require.listOf(counts, field, BUCKETS_MAX);
            checked.forEach(each -> Require.notNegative(each, field));
            return checked;
        }

        private static List<Integer> sameSize(List<Integer> counts, String field, int buckets) {
            Require.within(counts.size(), "the size of " + field, buckets, buckets);
            return counts;
        }
    }

    public SwarmReport {
        Require.present(key, "key");
        Require.present(gen, "gen");
        Require.notNegative(connected, "connected");
        peers = Require.listOf(peers, "peers", PEERS_MAX);
    }
}
