package io.shoal.intake.quotas;

import io.shoal.intake.transfers.Transfer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;

/**
 * Makes a tenant's downloads take turns: an unfinished transfer runs only while it holds a slot, and at most as many transfers as the
 * tenant's limit hold one. Slots go to the transfers that wait longest; a later transfer never overtakes one that waits.
 *
 * <p>All methods must be called inside a transaction.
 */
@ApplicationScoped
public class DownloadSlots {
    /** Counts slots that are held and transfers that wait longer than this one, up to the limit. */
    private static final String BEFORE = """
            select count(*) from (
                select 1 from transfer
                 where tenant_id = :tenant and id <> :id and (slot or queued_since is not null)
                   and (slot or (queued_since, id) < (:since, :id))
                 limit :limit) as first
            """;

    private final Session database;
    private final Event<QuotaFreed> freed;

    DownloadSlots(Session database, Event<QuotaFreed> freed) {
        this.database = database;
        this.freed = freed;
    }

    /**
     * Gives the transfer, which is locked, a slot if it needs one and its turn has come; otherwise it waits.
     *
     * @param down what its torrent has received so far
     */
    public void request(Transfer transfer, long down) {
        if (!transfer.needsSlot() || transfer.holdsSlot()) {
            return;
        }
        Instant now = Instant.now();
        int limit = lockLimit(transfer.tenant());
        Instant since = Objects.requireNonNullElse(transfer.slot().queuedSince(), now);
        long before = database.createNativeQuery(BEFORE, Long.class)
                .setParameter("tenant", transfer.tenant())
                .setParameter("id", transfer.id())
                .setParameter("since", since)
                .setParameter("limit", limit)
                .getSingleResult();
        if (before < limit) {
            transfer.slot().grant(down, now);
        } else {
            transfer.awaitSlot(now);
        }
    }

    private int lockLimit(UUID tenant) {
        List<Integer> limits = database.createNativeQuery(
                        "select case when suspended then 0 else active_downloads end from tenant_quota"
                                + " where tenant_id = :tenant for no key update",
                        Integer.class)
                .setParameter("tenant", tenant)
                .getResultList();
        return limits.isEmpty() ? 0 : limits.getFirst();
    }

    /** Announces, once this commits, that a slot of the tenant may have become free. */
    public void mayBeFree(UUID tenant) {
        freed.fire(new QuotaFreed(tenant));
    }

    /** The transfer of this tenant whose turn it is, if a slot is free; none of a tenant that is suspended or being deleted. */
    public Optional<UUID> next(UUID tenant) {
        List<UUID> found = database.createNativeQuery(
                        "select id from transfer where tenant_id = :tenant and queued_since is not null"
                                + " and (select count(*) from transfer h where h.tenant_id = :tenant and h.slot)"
                                + " < (select q.active_downloads from tenant_quota q join tenant n on n.id = q.tenant_id"
                                + " where q.tenant_id = :tenant and not q.suspended and n.state = 'ACTIVE')"
                                + " order by queued_since, id limit 1",
                        UUID.class)
                .setParameter("tenant", tenant)
                .getResultList();
        return found.stream().findFirst();
    }

    /** Returns some tenants that have a transfer that waits, after {@code after}, in the order of their ids. */
    public List<UUID> tenantsThatWait(UUID after, int most) {
        return database.createNativeQuery(
                        "select distinct tenant_id from transfer where queued_since is not null and tenant_id > :after"
                                + " order by tenant_id limit :most",
                        UUID.class)
                .setParameter("after", after)
                .setParameter("most", most)
                .getResultList();
    }

    /** Notes which holders' torrents have received something since this was last noted. */
    public void noteProgress(UUID tenant) {
        database.createNativeMutationQuery(
                        "update transfer t set slot_at = :now, slot_down = c.down"
                                + " from torrent_counters c join torrent o on o.id = c.torrent_id and o.gen = c.gen"
                                + " where t.tenant_id = :tenant and t.slot and c.torrent_id = t.torrent_id and c.down <> t.slot_down")
                .setParameter("tenant", tenant)
                .setParameter("now", Instant.now())
                .executeUpdate();
    }

    /** Holders that have made no progress since {@code moment}, at most {@code most} and as many as others wait, the longest first. */
    public List<UUID> stuckSince(UUID tenant, Instant moment, int most) {
        return database.createNativeQuery(
                        "select id from transfer where tenant_id = :tenant and slot and slot_at < :moment"
                                + " order by slot_at, id"
                                + " limit (select least(:most, count(*)) from transfer where tenant_id = :tenant and queued_since is not null)",
                        UUID.class)
                .setParameter("tenant", tenant)
                .setParameter("moment", moment)
                .setParameter("most", most)
                .getResultList();
    }
}
