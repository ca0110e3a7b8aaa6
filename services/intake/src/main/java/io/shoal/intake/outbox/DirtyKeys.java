package io.shoal.intake.outbox;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import org.hibernate.Session;

/**
 * The table of dirty keys, as the relay reads it. The stamp tells two markings of one key apart: a key is deleted or set
 * aside only if it is still as it was read. All methods are called inside a transaction.
 */
@ApplicationScoped
class DirtyKeys {
    /** A key that was set aside is tried again after so many seconds: the cause of its failure may have been repaired. */
    private static final long BLOCKED_SECONDS = Duration.ofHours(1).toSeconds();

    private final Session database;

    DirtyKeys(Session database) {
        this.database = database;
    }

    /**
     * A marked key.
     *
     * @param topic the name of the topic's constant, as it stands in the table: an operator may have mistyped it
     */
    record DirtyKey(String topic, String key, long stamp) {}

    /**
     * The keys that wait.
     *
     * @param keys that are dirty and not set aside
     * @param oldestSeconds for how long the oldest of them has been
     * @param blocked that are set aside
     */
    record Backlog(long keys, double oldestSeconds, long blocked) {
        static final Backlog NONE = new Backlog(0, 0, 0);
    }

    /** The {@code most} keys that have waited longest. */
    List<DirtyKey> oldest(int most) {
        return database
                .createNativeQuery(
                        "select topic, key, stamp from dirty_key"
                                + " where blocked_at is null or blocked_at < now() - make_interval(secs => :blocked)"
                                + " order by stamp limit :most",
                        Object[].class)
                .setParameter("blocked", (double) BLOCKED_SECONDS)
                .setParameter("most", most)
                .getResultList()
                .stream()
                .map(row -> new DirtyKey((String) row[0], (String) row[1], ((Number) row[2]).longValue()))
                .toList();
    }

    /** Deletes a key whose record is published. */
    void forget(DirtyKey key) {
        change("delete from dirty_key where topic = :topic and key = :key and stamp = :stamp", key);
    }

    /** Sets aside a key whose record cannot be published at present. */
    void setAside(DirtyKey key) {
        change("update dirty_key set blocked_at = now() where topic = :topic and key = :key and stamp = :stamp", key);
    }

    private void change(String statement, DirtyKey key) {
        database.createNativeMutationQuery(statement)
                .setParameter("topic", key.topic)
                .setParameter("key", key.key)
                .setParameter("stamp", key.stamp)
                .executeUpdate();
    }

    Backlog backlog() {
        Object[] row = database.createNativeQuery(
                        "select count(*) filter (where blocked_at is null),"
                                + " coalesce(extract(epoch from now() - min(dirty_at) filter (where blocked_at is null)), 0),"
                                + " count(blocked_at) from dirty_key",
                        Object[].class)
                .getSingleResult();
        return new Backlog(
                ((Number) row[0]).longValue(), ((Number) row[1]).doubleValue(), ((Number) row[2]).longValue());
    }
}
