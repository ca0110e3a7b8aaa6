package io.shoal.intake.changes;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;
import org.hibernate.query.NativeQuery;
import org.jspecify.annotations.Nullable;

/**
 * Which transfers of libraries have changed or were removed since a position.
 *
 * <p>The database writes the number of the changing transaction into each transfer (trigger {@code transfer_changed}), without a lock
 * that the changes of a tenant would share. Transactions do not commit in the order of their numbers, so only those before the
 * oldest one that is still running are read: a position never passes a change that cannot be seen yet. A transaction that runs for
 * seconds delays what is read by as long.
 *
 * <p>A reader may be bound to a label. A transfer that loses the label is removed for that reader: the database notes which labels a
 * transfer has lost, beside the removals. Methods that take a position must be called inside a transaction.
 */
@ApplicationScoped
public class LibraryChanges {
    /** Removals are kept for longer, so that a position of this age still leads to all of them. */
    static final Duration POSITION_AGE = Duration.ofMinutes(55);

    /**
     * Both tables are read in the order of their indexes, up to the limit for each library, whatever the size of the tables. A
     * transfer may have a row in both that belong to one transaction; they are one change.
     */
    private static final String SINCE = """
            with horizon as (select pg_snapshot_xmin(pg_current_snapshot()) as oldest)
            select cast(cast(oldest as text) as bigint) as horizon, tenant, cast(cast(change as text) as bigint) as transaction,
                   id, changed, removed, lost
              from horizon left join lateral (
                select since.tenant, found.*
                  from unnest(cast(:tenants as uuid[]), cast(:transactions as text[]), cast(:transfers as uuid[]))
                       as since(tenant, transaction, transfer)
                 cross join lateral (
                    select change, id, bool_or(changed) as changed, bool_or(removed) as removed, max(lost) as lost
                      from ((select change, id, true as changed, false as removed, cast(null as text) as lost from transfer
                              where tenant_id = since.tenant
                                and (change, id) > (cast(since.transaction as xid8), since.transfer) and change < oldest
                                {changed} order by change, id limit :limit)
                            union all
                            (select change, transfer_id, false, removed, array_to_string(labels, ',') from removed_transfer
                              where tenant_id = since.tenant
                                and (change, transfer_id) > (cast(since.transaction as xid8), since.transfer)
                                and change < oldest
                                {removed} order by change, transfer_id limit :limit)) as rows
                     group by change, id order by change, id limit :limit) as found) as changes on true
             order by tenant, change, id
            """;

    private static final String ALL = SINCE.replace("{changed}", "").replace("{removed}", "");
    private static final String OF_LIBRARY = SINCE.replace("{changed}", "").replace("{removed}", "and removed");
    private static final String OF_LABEL = SINCE.replace("{changed}", "and labels @> cast(:labels as text[])")
            .replace(
                    "{removed}", // not what has the label again: it is a change, and no page says both of it
                    "and labels @> cast(:labels as text[]) and not exists (select 1 from transfer t"
                            + " where t.id = removed_transfer.transfer_id and t.labels @> cast(:labels as text[]))");

    private final Session database;
    private final ChangePositions positions;
    private final Clock clock;

    LibraryChanges(Session database, ChangePositions positions) {
        this.database = database;
        this.positions = positions;
        this.clock = Clock.systemUTC();
    }

    /**
     * Some changes, in the order in which they were made, each transfer's last one only.
     *
     * @param reset whether the position is not known any more: the library must be listed again, and the changes since {@code next} then
     * @param changes of transfers
     * @param next where the next page begins
     * @param more whether there are more changes now
     */
    public record Page(boolean reset, List<Change> changes, ChangePosition next, boolean more) {
        /** Returns the transfers that were added or changed. */
        public List<UUID> changed() {
            return changes.stream()
                    .filter(Change::changed)
                    .map(Change::transfer)
                    .toList();
        }

        /** Returns those that were removed for a reader of {@code label}, or of the library. */
        public List<UUID> removedFor(@Nullable String label) {
            return changes.stream()
                    .filter(change -> change.isRemovedFor(label))
                    .map(Change::transfer)
                    .toList();
        }
    }

    /** Returns the text of a position, which clients keep. */
    public String text(ChangePosition position) {
        return positions.text(position);
    }

    /** Returns the position that {@code text} stands for; empty if it is none of this library, or is too old. */
    public Optional<ChangePosition> position(UUID tenant, @Nullable String text) {
        Instant now = clock.instant();
        return Optional.ofNullable(text)
                .flatMap(given -> positions.read(tenant, given))
                .filter(position -> !isTooOld(position, now));
    }

    private static boolean isTooOld(ChangePosition position, Instant now) {
        return !position.issued().plus(POSITION_AGE).isAfter(now);
    }

    /** Returns the position after all changes that can be seen. */
    public ChangePosition current(UUID tenant) {
        Long horizon = database.createNativeQuery(
                        "select cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)", Long.class)
                .getSingleResult();
        return ChangePosition.before(tenant, horizon, clock.instant());
    }

    /**
     * Returns up to {@code limit} changes after {@code since}.
     *
     * @param since the text of a position; null and every text that is no position of this library give a reset
     * @param label that the reader is bound to; null: the reader sees the whole library
     */
    public Page since(UUID tenant, @Nullable String since, @Nullable String label, int limit) {
        return position(tenant, since)
                .map(position -> since(position, label, limit))
                .orElseGet(() -> new Page(true, List.of(), current(tenant), false));
    }

    /**
     * Returns up to {@code limit} changes after {@code since}.
     *
     * @param label that the reader is bound to; null: the reader sees the whole library
     */
    public Page since(ChangePosition since, @Nullable String label, int limit) {
        NativeQuery<Tuple> query = database.createNativeQuery(label == null ? OF_LIBRARY : OF_LABEL, Tuple.class);
        if (label != null) {
            query.setParameter("labels", new String[] {label});
        }
        return pages(query, List.of(since), limit).getFirst();
    }

    /**
     * Returns up to {@code limit} changes after each of the positions, which are of different libraries, in their order. Lost labels are
     * changes too. One query for all.
     */
    public List<Page> sinceEach(List<ChangePosition> positions, int limit) {
        return pages(database.createNativeQuery(ALL, Tuple.class), positions, limit);
    }

    private List<Page> pages(NativeQuery<Tuple> query, Collection<ChangePosition> since, int limit) {
        Instant now = clock.instant();
        List<Tuple> rows = query.setParameter(
                        "tenants", since.stream().map(ChangePosition::tenant).toArray(UUID[]::new))
                .setParameter(
                        "transactions",
                        since.stream()
                                .map(position -> Long.toString(position.transaction()))
                                .toArray(String[]::new))
                .setParameter(
                        "transfers",
                        since.stream().map(ChangePosition::transfer).toArray(UUID[]::new))
                .setParameter("limit", limit + 1)
                .getResultList();
        long horizon = rows.getFirst().get("horizon", Long.class);
        Map<UUID, List<Tuple>> byTenant = new HashMap<>();
        for (Tuple row : rows) {
            UUID tenant = row.get("tenant", UUID.class);
            if (tenant != null) { // else there is no change
                byTenant.computeIfAbsent(tenant, none -> new ArrayList<>()).add(row);
            }
        }
        return since.stream()
                .map(position ->
                        page(position, byTenant.getOrDefault(position.tenant(), List.of()), horizon, limit, now))
                .toList();
    }

    private static Page page(ChangePosition since, List<Tuple> rows, long horizon, int limit, Instant now) {
        ChangePosition end = ChangePosition.before(since.tenant(), horizon, now);
        boolean isOfAnotherDatabase = since.transaction() >= horizon; // it was restored from a copy that counts anew
        if (isOfAnotherDatabase || isTooOld(since, now)) {
            return new Page(true, List.of(), end, false);
        }
        if (rows.size() <= limit) {
            return new Page(false, rows.stream().map(LibraryChanges::change).toList(), end, false);
        }
        Tuple last = rows.get(limit - 1);
        ChangePosition next = new ChangePosition(
                since.tenant(), last.get("transaction", Long.class), last.get("id", UUID.class), now);
        return new Page(
                false,
                rows.subList(0, limit).stream().map(LibraryChanges::change).toList(),
                next,
                true);
    }

    private static Change change(Tuple row) {
        String lost = row.get("lost", String.class);
        return new Change(
                row.get("id", UUID.class),
                row.get("changed", Boolean.class),
                row.get("removed", Boolean.class),
                lost == null || lost.isEmpty() ? List.of() : List.of(lost.split(",")));
    }
}
