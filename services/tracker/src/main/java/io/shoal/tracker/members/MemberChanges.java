package io.shoal.tracker.members;

import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/** Changes that wait to be sent to the other replicas: of each peer the newest, of so many peers at most. Any thread may call. */
final class MemberChanges {
    private final int room;
    private final ReentrantLock lock = new ReentrantLock();
    private Map<Key, MemberChange> waiting = new LinkedHashMap<>();

    private record Key(UUID tenant, UUID user, SwarmKey torrent, PeerKey peer) {}

    MemberChanges(int room) {
        this.room = room;
    }

    /** What does not find room waits for its peer's next announce. */
    void add(MemberChange change) {
        lock.lock();
        try {
            Key key = new Key(change.tenant(), change.user(), change.torrent(), change.peer());
            if (waiting.size() < room || waiting.containsKey(key)) {
                waiting.put(key, change);
            }
        } finally {
            lock.unlock();
        }
    }

    List<MemberChange> take() {
        lock.lock();
        try {
            List<MemberChange> taken = List.copyOf(waiting.values());
            waiting = new LinkedHashMap<>();
            return taken;
        } finally {
            lock.unlock();
        }
    }
}
