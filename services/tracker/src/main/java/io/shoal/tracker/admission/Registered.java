package io.shoal.tracker.admission;

import io.shoal.contracts.TorrentId;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Serves the torrents that the platform tracks. Two tenants may have the same info-hash under two torrent ids: it is served
 * until the last of them lets go. One thread tells what changed; any thread asks.
 */
public final class Registered implements Admission {
    private final Map<TorrentId, Registration> registrations = new HashMap<>();
    private final Map<SwarmKey, Integer> served = new ConcurrentHashMap<>();

    @Override
    public boolean admits(SwarmKey key) {
        return served.containsKey(key);
    }

    /**
     * {@code torrent} is served under {@code keys} from now on, or not at all if there are none. A lower {@code rev} than the
     * one in force is ignored.
     */
    public void register(TorrentId torrent, long rev, List<SwarmKey> keys) {
        Registration old = registrations.get(torrent);
        if (old != null && rev < old.rev) {
            return;
        }
        // The new ones first, so that a key in both is never absent in between.
        keys.forEach(key -> served.merge(key, 1, Integer::sum));
        registrations.put(torrent, new Registration(rev, List.copyOf(keys)));
        release(old);
    }

    /** Nothing is known of {@code torrent} any more. */
    public void forget(TorrentId torrent) {
        release(registrations.remove(torrent));
    }

    /** How many info-hashes are served. */
    public int size() {
        return served.size();
    }

    private void release(@Nullable Registration old) {
        if (old != null) {
            old.keys.forEach(key -> served.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1));
        }
    }

    private record Registration(long rev, List<SwarmKey> keys) {}
}
