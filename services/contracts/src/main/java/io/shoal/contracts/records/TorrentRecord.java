package io.shoal.contracts.records;

import io.shoal.contracts.Generation;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code shoal.torrents}: the desired state of one torrent, from intake to storage and tracker. Removal is a state; a record of a
 * generation declares every lower one dead.
 *
 * @param v version of this record: 1
 * @param gen the life that it speaks of
 * @param rev rises with every change of the key, over all generations; a lower one is ignored
 * @param state live, or removed: storage must purge its objects
 * @param infoHashes in hexadecimal; the v1 hash where there is one
 * @param isPrivate whether only its own trackers may give peers (BEP 27)
 * @param tracked whether our tracker serves it
 * @param infoKey object with the info dictionary
 * @param geometry version of the geometry by which it is stored
 * @param slices in how many slices it is worked on, at least 1
 * @param wanted the merged wish for its files
 * @param tenant the tenant that owns it alone; null if a pool does, which never owns a private torrent
 */
public record TorrentRecord(
        int v,
        Generation gen,
        long rev,
        State state,
        List<String> infoHashes,
        boolean isPrivate,
        boolean tracked,
        String infoKey,
        int geometry,
        int slices,
        Wanted wanted,
        @Nullable UUID tenant) {

    /** Whether it lives. */
    public enum State {
        LIVE,
        REMOVED
    }

    public TorrentRecord {
        Require.present(gen, "gen");
        Require.present(state, "state");
        Require.present(infoKey, "infoKey");
        Require.present(wanted, "wanted");
        infoHashes = Require.listOf(infoHashes, "infoHashes", 2);
        for (String hash : infoHashes) {
            Require.infoHash(hash);
        }
    }
}
