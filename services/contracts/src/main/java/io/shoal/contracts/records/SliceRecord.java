package io.shoal.contracts.records;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.magnet.Magnet;
import io.shoal.contracts.Generation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code shoal.slices}: what intake wants from the worker that owns this key. State, not a queue: the owner of the partition acts
 * on the newest record.
 *
 * @param v version of this record: 1
 * @param gen the torrent's generation; for {@link Kind#RESOLVE} it is 1 and means nothing
 * @param rev rises with every change of the key; a lower one is ignored
 * @param kind a slice of a torrent, or the search for a magnet's metadata
 * @param infoKey for {@link Kind#SLICE}: the object with the info dictionary
 * @param magnet for {@link Kind#RESOLVE}: the link
 * @param infoHash in hexadecimal
 * @param isPrivate whether only its own trackers may give peers; for {@link Kind#RESOLVE}: whether the tenant said so
 * @param firstSegment first segment of the slice
 * @param lastSegment last segment of the slice, included; -1 for {@link Kind#RESOLVE}
 * @param wanted the merged wish for the torrent's files
 * @param mode what to do
 * @param trackers announce URLs in tiers (BEP 12); they may carry passkeys
 * @param webSeeds URLs of servers that have the files (BEP 19)
 * @param check a counter: raised, the owner lists the store again instead of believing what was stored
 * @param peers {@code host:port} of peers that a magnet names (BEP 9, {@code x.pe}); none of a private torrent (BEP 27). Absent
 *     in records of before there was such a field
 * @param owner on whose behalf: slices of one owner, whether of torrents or of magnets, share what owners share fairly.
 *     Opaque
 * @param limits what the slice may use; null for no limits
 * @param reannounce a counter: raised while the slice runs, the owner announces to the trackers as soon as they allow it. Null: 0. What it
 *     was when an owner began is no reason to announce
 */
public record SliceRecord(
        int v,
        Generation gen,
        long rev,
        Kind kind,
        @Nullable String infoKey,
        @Nullable String magnet,
        String infoHash,
        boolean isPrivate,
        int firstSegment,
        int lastSegment,
        Wanted wanted,
        Mode mode,
        List<List<String>> trackers,
        List<String> webSeeds,
        int check,
        List<String> peers,
        @Nullable String owner,
        @Nullable SliceLimits limits,
        @Nullable Integer reannounce) {

    /**
     * What the slice may use at most.
     *
     * @param downRate bytes received per second, 0 for no limit
     * @param upRate bytes sent per second, 0 for no limit
     */
    public record SliceLimits(long downRate, long upRate) {
        public SliceLimits {
            Require.notNegative(downRate, "downRate");
            Require.notNegative(upRate, "upRate");
        }
    }

    /** What kind of work it is. */
    public enum Kind {
        SLICE,
        RESOLVE
    }

    /** What to do with the slice. */
    public enum Mode {
        /** Download what is wanted and seed. */
        RUN,
        /** Only seed what is stored. Understood by workers; intake does not send it. */
        SEED,
        /** Leave the swarm: paused, or every goal is met. */
        STOP
    }

    /** Returns how often the trackers were to be announced to at once. */
    public int reannounces() {
        return reannounce == null ? 0 : reannounce;
    }

    public SliceRecord {
        Require.present(gen, "gen");
        Require.present(kind, "kind");
        Require.present(infoHash, "infoHash");
        Require.infoHash(infoHash);
        Require.present(wanted, "wanted");
        Require.present(mode, "mode");
        Require.present(kind == Kind.SLICE ? infoKey : magnet, kind == Kind.SLICE ? "infoKey" : "magnet");
        trackers = Require.listOf(trackers, "trackers", Limits.TRACKERS).stream()
                .map(tier -> Require.listOf(tier, "trackers", Limits.TRACKERS))
                .toList();
        webSeeds = Require.listOf(webSeeds, "webSeeds", Limits.WEB_SEEDS);
        peers = Require.listOf(peers, "peers", Magnet.PEERS);
    }
}
