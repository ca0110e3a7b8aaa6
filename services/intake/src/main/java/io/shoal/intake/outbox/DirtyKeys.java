package io.shoal.intake.outbox;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.hibernate.Session;

/**
 * The table of dirty keys, as the relay reads it. No two markings have one stamp: a key is deleted or set
 * aside by it, and so only if it is still as it was read. All methods must be called inside a transaction.
 *
 * <p>Invariant: the relay never waits for a transaction that marks keys. A key that such a transaction has locked is left
 * as it is: it gets a new stamp, or it is published once more.
 */
@ApplicationScoped
class DirtyKeys {
    /** A key that was set aside is tried again after so many seconds: the cause of its failure may have been repaired. */
    private static final long BLOCKED_SECONDS = Duration.ofHours(1).toSeconds();

    /** Keys that are counted at most. */
    static final int COUNTED = 10_000;

    /** The rows with these stamps, found by the index of both priorities. */
    private static final String FREE = " where ctid = any(array(select ctid from dirty_key"
            + " where low_priority in (true, false) and stamp = any(cast(:stamps as bigint[])) for update skip locked))";

    private final Session database;

    DirtyKeys(Session database) {
        this.database = database;
    }

    /**
     * A marked key.
     *
     * @param topic the name of the topic's constant, as it stands in the table: an operator may have mistyped it
     * @param isLow whether it has low priority
     */
    record DirtyKey(String topic, String key, long stamp, boolean isLow) {}

    /**
     * The keys that wait.
     *
     * @param keys that are dirty and not set aside, at most {@link #COUNTED}
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
        List<DirtyKey> keys = oldest(false, most);
        return keys.isEmpty() ? oldest(true, mostLow) : keys;
    }

    private List<DirtyKey> oldest(boolean isLow, int most) {
        return database
                .createNativeQuery(
                        "select topic, key, stamp from dirty_key where " + (isLow ? "low_priority" : "not low_priority")
                                + " and (blocked_at is null or blocked_at < now() - make_interval(secs => :blocked))"
                                + " order by stamp limit :most",
                        Object[].class)
                .setParameter("blocked", (double) BLOCKED_SECONDS)
                .setParameter("most", most)
                .getResultList()
                .stream()
                .map(row -> new DirtyKey((String) row[0], (String) row[1], ((Number) row[2]).longValue(), isLow))
                .toList();
    }

    /** Deletes keys whose records are published. */
    void delete(Collection<DirtyKey> keys) {
        change("delete from dirty_key" + FREE, keys);
    }

    /** Sets aside keys whose records cannot be published at present. */
    void setAside(Collection<DirtyKey> keys) {
        change("update dirty_key set blocked_at = now()" + FREE, keys);
    }

    private void change(String statement, Collection<DirtyKey> keys) {
        if (!keys.isEmpty()) {
            database.createNativeMutationQuery(statement)
                    .setParameter("stamps", keys.stream().map(DirtyKey::stamp).toArray(Long[]::new))
                    .executeUpdate();
        }
    }

    /** Counts at most {@link #COUNTED} keys that wait, so that a long list does not cost more than a short one. */
    Backlog backlog() {
        Object[] row = database.createNativeQuery(
                        "select (select count(*) from (select 1 from dirty_key where low_priority in (true, false)"
                                + " and blocked_at is null order by low_priority, stamp limit :counted) as waiting),"
                                + " (select coalesce(extract(epoch from now() - min(dirty_at)), 0)"
                                + " from dirty_key where not low_priority and blocked_at is null),"
                                + " (select count(*) from dirty_key where blocked_at is not null)",
                        Object[].class)
                .setParameter("counted", COUNTED)
                .getSingleResult();
        return new Backlog(
                ((Number) row[0]).longValue(), ((Number) row[1]).doubleValue(), ((Number) row[2]).longValue());
    }
}
