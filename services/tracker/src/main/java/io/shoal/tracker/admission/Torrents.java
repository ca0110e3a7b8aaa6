package io.shoal.tracker.admission;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each info-hash: the torrents that the platform tracks, and the operator's lists. Two tenants may have the
 * same info-hash under two torrent ids: it is served until the last of them is gone. One thread writes; any thread
 * reads.
 */
public final class Torrents {
    private final Map<TorrentId, Registration> registrations = new HashMap<>();
    private final Map<SwarmKey, Long> listings = new HashMap<>();
    private final Map<SwarmKey, TorrentAccess> access = new ConcurrentHashMap<>();
    private final Consumer<SwarmKey> changed;

    /**
     * @param changed is called after what is known of an info-hash has changed
     */
    public Torrents(Consumer<SwarmKey> changed) {
        this.changed = changed;
    }

    /** Returns the access to {@code key}, or null if it is neither registered nor listed. */
    @Nullable
    TorrentAccess of(SwarmKey key) {
        return access.get(key);
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
        keys.forEach(key -> change(key, current -> current.plus(owner)));
        registrations.put(torrent, new Registration(rev, List.copyOf(keys), owner));
        release(old);
    }

    /** Removes {@code torrent}. */
    public void forget(TorrentId torrent) {
        release(registrations.remove(torrent));
    }

    private void release(@Nullable Registration old) {
        if (old != null) {
            old.keys.forEach(key -> change(key, current -> current.minus(old.owner)));
        }
    }

    /** The operator's rule for {@code key}; a lower {@code rev} than the one in force is ignored. */
    public void list(SwarmKey key, long rev, Rule rule) {
        Long old = listings.get(key);
        if (old == null || rev >= old) {
            listings.put(key, rev);
            change(key, current -> current.with(rule));
        }
    }

    /** The operator has no rule for {@code key} any more. */
    public void unlist(SwarmKey key) {
        listings.remove(key);
        change(key, current -> current.with(null));
    }

    private void change(SwarmKey key, UnaryOperator<TorrentAccess> change) {
        access.compute(key, (k, old) -> {
            TorrentAccess next = change.apply(old == null ? TorrentAccess.NOTHING : old);
            return next.equals(TorrentAccess.NOTHING) ? null : next;
        });
        changed.accept(key);
    }

    /** How many info-hashes are registered or listed. */
    public int size() {
        return access.size();
    }

    private record Registration(
            long rev, List<SwarmKey> keys, @Nullable UUID owner) {}
}
