package io.shoal.intake.outbox;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.hibernate.Session;

/**
 * The table of dirty keys, as the relay reads it. The stamp tells two markings of one key apart: a key is deleted or set
 * aside only if it is still as it was read. All methods must be called inside a transaction.
 *
 * <p>Invariant: the relay never waits for a transaction that marks keys. A key that such a transaction has locked is left
 * as it is: it gets a new stamp, or it is published once more.
 */
@ApplicationScoped
class DirtyKeys {
    /** A key that was set aside is tried again after so many seconds: the cause of its failure may have been repaired. */
    private static final long BLOCKED_SECONDS = Duration.ofHours(1).toSeconds();

    private static final String FREE = """
            (select dirty.topic, dirty.key from dirty_key dirty
               join unnest(cast(:topics as text[]), cast(:keys as text[]), cast(:stamps as bigint[])) as read(topic, key, stamp)
                 on dirty.topic = read.topic and dirty.key = read.key and dirty.stamp = read.stamp
                for update of dirty skip locked) as free
             where changed.topic = free.topic and changed.key = free.key
            """;

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
     * @param oldestSeconds for how long the oldest of them has been, without those of low priority
     * @param blocked that are set aside
     */
    record Backlog(long keys, double oldestSeconds, long blocked) {
        static final Backlog NONE = new Backlog(0, 0, 0);
    }

    /**
     * Returns the keys that have waited longest: up to {@code most}, or up to {@code mostLow} of low priority if no other waits.
     */
    List<DirtyKey> oldest(int most, int mostLow) {
        List<DirtyKey> keys = oldest("not low_priority", most);
        return keys.isEmpty() ? oldest("low_priority", mostLow) : keys;
    }

    private List<DirtyKey> oldest(String priority, int most) {
        return database
                .createNativeQuery(
                        "select topic, key, stamp from dirty_key where " + priority
                                + " and (blocked_at is null or blocked_at < now() - make_interval(secs => :blocked))"
                                + " order by stamp limit :most",
                        Object[].class)
                .setParameter("blocked", (double) BLOCKED_SECONDS)
                .setParameter("most", most)
                .getResultList()
                .stream()
                .map(row -> new DirtyKey((String) row[0], (String) row[1], ((Number) row[2]).longValue()))
                .toList();
    }

    /** Deletes keys whose records are published. */
    void delete(Collection<DirtyKey> keys) {
        change("delete from dirty_key changed using " + FREE, keys);
    }

    /** Sets aside keys whose records cannot be published at present. */
    void setAside(Collection<DirtyKey> keys) {
        change("update dirty_key changed set blocked_at = now() from " + FREE, keys);
    }

    private void change(String statement, Collection<DirtyKey> keys) {
        if (!keys.isEmpty()) {
            database.createNativeMutationQuery(statement)
                    .setParameter("topics", column(keys, DirtyKey::topic).toArray(String[]::new))
                    .setParameter("keys", column(keys, DirtyKey::key).toArray(String[]::new))
                    .setParameter("stamps", column(keys, DirtyKey::stamp).toArray(Long[]::new))
                    .executeUpdate();
        }
    }

    private static <T> List<T> column(Collection<DirtyKey> keys, Function<DirtyKey, T> column) {
        return keys.stream().map(column).toList();
    }

    Backlog backlog() {
        Object[] row = database.createNativeQuery(
                        "select count(*) filter (where blocked_at is null), coalesce(extract(epoch from now()"
                                + " - min(dirty_at) filter (where blocked_at is null and not low_priority)), 0),"
                                + " count(blocked_at) from dirty_key",
                        Object[].class)
                .getSingleResult();
        return new Backlog(
                ((Number) row[0]).longValue(), ((Number) row[1]).doubleValue(), ((Number) row[2]).longValue());
    }
}
