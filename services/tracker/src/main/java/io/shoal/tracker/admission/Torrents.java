package io.shoal.tracker.admission;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each info-hash: the torrents that the platform tracks, and the operator's lists. Two tenants may have the
 * same info-hash under two torrent ids: it is served until the last of them lets go. One thread tells what changed; any thread
 * asks.
 */
public final class Torrents {
    private final Map<TorrentId, Registration> registrations = new HashMap<>();
    private final Map<SwarmKey, Long> listings = new HashMap<>();
    private final Map<SwarmKey, Standing> standings = new ConcurrentHashMap<>();

    /** Of {@code key}; null if there is nothing to say. */
    @Nullable
    Standing of(SwarmKey key) {
        return standings.get(key);
    }

    /**
     * {@code torrent} is served under {@code keys} from now on, or not at all if there are none. A lower {@code rev} than the
     * one in force is ignored.
     *
     * @param owner whose members alone may have it; null if it is public
     */
    public void register(TorrentId torrent, long rev, List<SwarmKey> keys, @Nullable UUID owner) {
        Registration old = registrations.get(torrent);
        if (old != null && rev < old.rev) {
            return;
        }
        // The new one first, so that what is in both is never absent in between.
        keys.forEach(key -> change(key, standing -> standing.plus(owner)));
        registrations.put(torrent, new Registration(rev, List.copyOf(keys), owner));
        release(old);
    }

    /** Nothing is known of {@code torrent} any more. */
    public void forget(TorrentId torrent) {
        release(registrations.remove(torrent));
    }

    private void release(@Nullable Registration old) {
        if (old != null) {
            old.keys.forEach(key -> change(key, standing -> standing.minus(old.owner)));
        }
    }

    /** The operator's rule for {@code key}; a lower {@code rev} than the one in force is ignored. */
    public void list(SwarmKey key, long rev, Rule rule) {
        Long old = listings.get(key);
        if (old == null || rev >= old) {
            listings.put(key, rev);
            change(key, standing -> standing.with(rule));
        }
    }

    /** The operator has no rule for {@code key} any more. */
    public void unlist(SwarmKey key) {
        listings.remove(key);
        change(key, standing -> standing.with(null));
    }

    private void change(SwarmKey key, UnaryOperator<Standing> change) {
        standings.compute(key, (k, old) -> {
            Standing changed = change.apply(old == null ? Standing.NOTHING : old);
            return changed.equals(Standing.NOTHING) ? null : changed;
        });
    }

    /** How many info-hashes are registered or listed. */
    public int size() {
        return standings.size();
    }

    private record Registration(
            long rev, List<SwarmKey> keys, @Nullable UUID owner) {}
}
