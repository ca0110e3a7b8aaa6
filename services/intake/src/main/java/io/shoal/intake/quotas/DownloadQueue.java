package io.shoal.intake.quotas;

import io.shoal.intake.transactions.RetryConflicts;
import io.shoal.intake.transfers.VisibleLibrary;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Tuple;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hibernate.Session;

/**
 * The order in which a tenant wants its downloads. Each transfer has a rank from when it is added until it is removed; the queue is made
 * of those that are not complete, in the order of ranks. A move to an end of the queue takes ranks that no transfer has had, and one by a
 * place exchanges ranks with the neighbour: so a move writes no more than twice as many rows as it moves, however long the queue is.
 *
 * <p>Invariant: no two transfers of a tenant have the same rank. Moves of one tenant are made one after the other: each holds the
 * queue's own lock before it locks transfers, in the order of their ids, and the tenant's quota last.
 */
@ApplicationScoped
@RetryConflicts
public class DownloadQueue {
    /** Positions that are counted: the transfers behind them all have this one, so that a list reads a bounded number of rows. */
    public static final int POSITIONS = 10_000;

    private static final String LOCK_QUEUE =
            "select cast(pg_advisory_xact_lock(hashtextextended('queue/' || cast(:tenant as text), 0)) as text)";

    /** Those that are visible. Reads them by their ids, also where the database takes the tenant for one of few transfers. */
    private static final String MOVED = """
            select id, queue_rank from (
                select id, tenant_id, queue_rank, complete, labels from transfer where id = any(cast(:ids as uuid[])) offset 0) named
             where tenant_id = :tenant and labels @> cast(:labels as text[])""";

    /** Those of them that are in the queue. */
    private static final String QUEUED = MOVED + " and not complete";

    /** Those of them that are in the queue, and the neighbour of each. */
    private static final String WITH_NEIGHBOURS = """
            with moved as (%s)
            select id, queue_rank from moved
            union
            select n.id, n.queue_rank from moved m cross join lateral (
                select id, queue_rank from transfer
                 where tenant_id = :tenant and not complete and queue_rank %s m.queue_rank order by queue_rank %s limit 1) n
            """;

    private static final String BEFORE = WITH_NEIGHBOURS.formatted(QUEUED, "<", "desc");
    private static final String AFTER = WITH_NEIGHBOURS.formatted(QUEUED, ">", "asc");

    private static final String LOCK =
            "select id from transfer where id = any(cast(:ids as uuid[])) order by id for no key update";

    private static final String TAKE_FIRST = "update tenant_quota set queue_first = queue_first - :count"
            + " where tenant_id = :tenant returning queue_first";

    private static final String TAKE_LAST = "update tenant_quota set queue_last = queue_last + :count"
            + " where tenant_id = :tenant returning queue_last - :count + 1";

    private static final String WRITE = """
            update transfer t set queue_rank = given.queue_rank
              from (select unnest(cast(:ids as uuid[])) as id, unnest(cast(:ranks as bigint[])) as queue_rank) given
             where t.id = given.id and t.queue_rank <> given.queue_rank
            """;

    private static final String FORGIVE =
            "update transfer set yielded_at = null where id = any(cast(:ids as uuid[])) and yielded_at is not null";

    /** How many of the first transfers come after none, one, two and so on of the ranks. */
    private static final String BETWEEN = """
            select width_bucket(queue_rank, cast(:ranks as bigint[])) as after_ranks, count(*) from (
                select queue_rank from transfer
                 where tenant_id = :tenant and not complete and queue_rank < :end order by queue_rank limit :most) as first
             group by after_ranks
            """;

    private final Session database;

    DownloadQueue(Session database) {
        this.database = database;
    }

    /** A transfer and its rank. */
    private record Ranked(UUID id, long rank) {}

    /**
     * Moves transfers in the queue of the tenant. Nothing changes for those that are complete or at that end already. What is moved is
     * not behind others for want of progress any more.
     *
     * @return those of {@code ids} that are visible
     */
    @Transactional
    public Set<UUID> move(VisibleLibrary library, Collection<UUID> ids, QueueMove move) {
        UUID tenant = library.tenant();
        database.createNativeQuery(LOCK_QUEUE, String.class)
                .setParameter("tenant", tenant)
                .getSingleResult();
        Set<UUID> moved = ids(ranked(MOVED, library, ids));
        List<Ranked> order = lock(
                library,
                moved,
                switch (move) {
                    case TOP, BOTTOM -> QUEUED;
                    case UP -> BEFORE;
                    case DOWN -> AFTER;
                });
        moved.retainAll(ids(ranked(MOVED, library, moved))); // one may have lost the label before it was locked
        if (order.isEmpty()) {
            return moved;
        }
        switch (move) {
            case TOP -> write(take(TAKE_FIRST, tenant, order.size()), order);
            case BOTTOM -> write(take(TAKE_LAST, tenant, order.size()), order);
            case UP -> exchange(order, moved);
            case DOWN -> exchange(order.reversed(), moved);
        }
        database.createNativeMutationQuery(FORGIVE)
                .setParameter("ids", moved.toArray(UUID[]::new))
                .executeUpdate();
        return moved;
    }

    /**
     * Locks those that are moved and what {@code query} finds of them, all in one statement, and removes from {@code moved} those that are
     * gone. One may be removed or completed before it is locked: then another is the neighbour, and is locked after them.
     *
     * @return what the query finds, in the order of ranks
     */
    private List<Ranked> lock(VisibleLibrary library, Set<UUID> moved, String query) {
        Set<UUID> locked = new HashSet<>();
        while (true) {
            List<Ranked> found = ranked(query, library, moved);
            Set<UUID> more = new HashSet<>(moved);
            more.addAll(ids(found));
            more.removeAll(locked);
            if (more.isEmpty()) {
                return found;
            }
            locked.addAll(database.createNativeQuery(LOCK, UUID.class)
                    .setParameter("ids", more.toArray(UUID[]::new))
                    .getResultList());
            moved.retainAll(locked);
        }
    }

    private static Set<UUID> ids(List<Ranked> some) {
        return some.stream().map(Ranked::id).collect(Collectors.toCollection(HashSet::new));
    }

    private List<Ranked> ranked(String query, VisibleLibrary library, Collection<UUID> ids) {
        return database.createNativeQuery(query, Tuple.class)
                .setParameter("tenant", library.tenant())
                .setParameter("labels", library.label() == null ? new String[0] : new String[] {library.label()})
                .setParameter("ids", ids.toArray(UUID[]::new))
                .getResultStream()
                .map(row -> new Ranked((UUID) row.get(0), ((Number) row.get(1)).longValue()))
                .sorted(Comparator.comparingLong(Ranked::rank))
                .toList();
    }

    private long take(String statement, UUID tenant, int count) {
        return database.createNativeQuery(statement, Long.class)
                .setParameter("tenant", tenant)
                .setParameter("count", count)
                .getSingleResult();
    }

    private void write(long first, List<Ranked> order) {
        List<UUID> ids = new ArrayList<>();
        List<Long> ranks = new ArrayList<>();
        for (Ranked each : order) {
            ids.add(each.id);
            ranks.add(first + ids.size() - 1);
        }
        write(ids, ranks);
    }

    /**
     * Exchanges each that is moved with the one in front of it, unless that is moved as well.
     *
     * @param order those that are moved and, directly in front of each, its neighbour
     */
    private void exchange(List<Ranked> order, Set<UUID> moved) {
        List<UUID> ids = new ArrayList<>(order.stream().map(Ranked::id).toList());
        for (int i = 1; i < ids.size(); i++) {
            if (moved.contains(ids.get(i)) && !moved.contains(ids.get(i - 1))) {
                Collections.swap(ids, i, i - 1);
            }
        }
        write(ids, order.stream().map(Ranked::rank).toList());
    }

    private void write(List<UUID> ids, List<Long> ranks) {
        database.createNativeMutationQuery(WRITE)
                .setParameter("ids", ids.toArray(UUID[]::new))
                .setParameter("ranks", ranks.toArray(Long[]::new))
                .executeUpdate();
    }

    /**
     * Inside a transaction: returns the place in the tenant's queue, counted from 0, for each of {@code ranks} of transfers that are in it;
     * {@link #POSITIONS} for each that is not among so many. The queue is read once, however many ranks there are.
     */
    public Map<Long, Integer> positions(UUID tenant, SortedSet<Long> ranks) {
        if (ranks.isEmpty()) {
            return Map.of();
        }
        Map<Integer, Integer> between = database.createNativeQuery(BETWEEN, Tuple.class)
                .setParameter("tenant", tenant)
                .setParameter("ranks", ranks.toArray(Long[]::new))
                .setParameter("end", ranks.last())
                .setParameter("most", POSITIONS)
                .getResultStream()
                .collect(Collectors.toMap(
                        row -> ((Number) row.get(0)).intValue(), row -> ((Number) row.get(1)).intValue()));
        Map<Long, Integer> positions = new HashMap<>();
        int before = 0;
        for (Long rank : ranks) {
            before += between.getOrDefault(positions.size(), 0);
            positions.put(rank, before);
        }
        return positions;
    }
}
