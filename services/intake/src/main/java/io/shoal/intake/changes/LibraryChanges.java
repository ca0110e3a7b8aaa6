package io.shoal.intake.changes;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;

/**
 * Which transfers of a library have changed or were removed since a position.
 *
 * <p>The database writes the number of the changing transaction into each transfer (trigger {@code transfer_changed}), without a lock
 * that the changes of a tenant would share. Transactions do not commit in the order of their numbers, so only those before the
 * oldest one that is still running are read: a position never passes a change that cannot be seen yet. A transaction that runs for
 * seconds delays what is read by as long.
 */
@ApplicationScoped
public class LibraryChanges {
    /** Removals are kept for longer, so that a position of this age still leads to all of them. */
    static final Duration POSITION_AGE = Duration.ofMinutes(55);

    private static final String SINCE = """
            with horizon as (select pg_snapshot_xmin(pg_current_snapshot()) as oldest)
            select cast(cast(oldest as text) as bigint) as horizon, cast(cast(change as text) as bigint) as transaction,
                   id, removed
              from horizon left join lateral (
                (select change, id, false as removed from transfer
                  where tenant_id = :tenant and (change, id) > (cast(cast(:transaction as text) as xid8), :transfer)
                    and change < oldest order by change, id limit :limit)
                union all
                (select change, transfer_id, true from removed_transfer
                  where tenant_id = :tenant and (change, transfer_id) > (cast(cast(:transaction as text) as xid8), :transfer)
                    and change < oldest order by change, transfer_id limit :limit)
                order by change, id limit :limit) changes on true
            """;

    private final Session database;
    private final ChangePositions positions;
    private final Clock clock;

    LibraryChanges(Session database, ChangePositions positions) {
        this.database = database;
        this.positions = positions;
        this.clock = Clock.systemUTC();
    }

    /**
     * Some changes, in the order in which they were made.
     *
     * @param reset whether the position is not known any more: the library must be listed again, and {@code next} asked for then
     * @param changed transfers that were added or changed, each once
     * @param removed transfers that were removed
     * @param next where the next page begins
     * @param more whether there are more changes now
     */
    public record Page(boolean reset, List<UUID> changed, List<UUID> removed, String next, boolean more) {}

    /**
     * Returns up to {@code limit} changes after {@code since}; inside a transaction.
     *
     * @param since the {@code next} of a page before; null and every text that is no position of this library give a reset
     */
    public Page since(UUID tenant, @Nullable String since, int limit) {
        Instant now = clock.instant();
        Optional<ChangePosition> after = Optional.ofNullable(since)
                .flatMap(text -> positions.read(tenant, text))
                .filter(position -> position.issued().plus(POSITION_AGE).isAfter(now));
        return after.map(position -> after(position, limit, now)).orElseGet(() -> reset(tenant, now));
    }

    private Page reset(UUID tenant, Instant now) {
        Long horizon = database.createNativeQuery(
                        "select cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)", Long.class)
                .getSingleResult();
        String next = positions.text(ChangePosition.before(tenant, horizon, now));
        return new Page(true, List.of(), List.of(), next, false);
    }

    private Page after(ChangePosition since, int limit, Instant now) {
        List<Tuple> rows = database.createNativeQuery(SINCE, Tuple.class)
                .setParameter("tenant", since.tenant())
                .setParameter("transaction", since.transaction())
                .setParameter("transfer", since.transfer())
                .setParameter("limit", limit + 1)
                .getResultList();
        long horizon = rows.getFirst().get("horizon", Long.class);
        if (since.transaction() >= horizon) { // the database was restored from a copy that counts anew
            return reset(since.tenant(), now);
        }
        List<UUID> changed = new ArrayList<>();
        List<UUID> removed = new ArrayList<>();
        boolean more = rows.size() > limit;
        ChangePosition last = ChangePosition.before(since.tenant(), horizon, now);
        for (Tuple row : rows.subList(0, Math.min(limit, rows.size()))) {
            UUID transfer = row.get("id", UUID.class);
            if (transfer == null) {
                break; // there is no change
            }
            (row.get("removed", Boolean.class) ? removed : changed).add(transfer);
            if (more) {
                last = new ChangePosition(since.tenant(), row.get("transaction", Long.class), transfer, now);
            }
        }
        return new Page(false, changed, removed, positions.text(last), more);
    }
}
