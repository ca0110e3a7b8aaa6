package io.shoal.intake.quotas;

import io.shoal.intake.transfers.Transfer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;

/**
 * Makes a tenant's downloads take turns: an unfinished transfer runs only while it holds a slot, and at most as many transfers as the
 * tenant's limit hold one. Of those that wait, slots are given first to forced ones, then to those that have not lost a slot for want of
 * progress, and among these in the order of the queue; then to those that lost it the longest ago. None overtakes another in this order.
 * The slot of one that is not forced can be taken for a forced one.
 *
 * <p>All methods must be called inside a transaction.
 */
@ApplicationScoped
public class DownloadSlots {
    /** The order in which those that wait are given slots. */
    private static final String TURN = "(not forced), (coalesce(yielded_at, timestamptz '-infinity')), queue_rank";

    /** Counts slots that are held and transfers that wait and come before this one, each up to the limit. */
    private static final String BEFORE = """
            select count(*) from (
                (select 1 from transfer where tenant_id = :tenant and id <> :id and slot limit :limit)
                union all
                (select 1 from transfer
                  where tenant_id = :tenant and id <> :id and queued_since is not null
                    and (%s) < (not :forced, coalesce(cast(:yielded as timestamptz), timestamptz '-infinity'), :rank)
                  limit :limit)) as before
            """.formatted(TURN);

    /** The last of the queue among holders that are not forced, if a forced transfer waits and could have its slot. */
    private static final String TO_DISPLACE = """
            select h.id from transfer h join tenant_quota q on q.tenant_id = h.tenant_id and not q.suspended
              join tenant n on n.id = q.tenant_id and n.state = 'ACTIVE'
             where h.tenant_id = :tenant and h.slot and not h.forced
               and (select forced from transfer where tenant_id = :tenant and queued_since is not null order by %s limit 1)
               and (select count(*) from transfer where tenant_id = :tenant and slot) >= q.active_downloads
               and (select count(*) from transfer where tenant_id = :tenant and slot and forced) < q.active_downloads
             order by h.queue_rank desc limit 1
            """.formatted(TURN);

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
        long before = database.createNativeQuery(BEFORE, Long.class)
                .setParameter("tenant", transfer.tenant())
                .setParameter("id", transfer.id())
                .setParameter("forced", transfer.isForced())
                .setParameter("yielded", transfer.slot().yieldedAt(), Instant.class)
                .setParameter("rank", transfer.slot().rank())
                .setParameter("limit", limit)
                .getSingleResult();
        if (before < limit) {
            transfer.takeSlot(down, now);
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
                                + " order by " + TURN + " limit 1",
                        UUID.class)
                .setParameter("tenant", tenant)
                .getResultList();
        return found.stream().findFirst();
    }

    /**
     * The holder whose slot a forced transfer of this tenant must be given, because none is free: the last of the queue that is not
     * forced; empty while no forced transfer waits, or all slots are those of forced ones.
     */
    public Optional<UUID> toDisplace(UUID tenant) {
        return database
                .createNativeQuery(TO_DISPLACE, UUID.class)
                .setParameter("tenant", tenant)
                .getResultList()
                .stream()
                .findFirst();
    }

    /**
     * Returns whether the transfer, which is locked, must still leave its slot to a forced one. Replicas that ask at once find the same
     * transfer, so one slot is left for one forced transfer.
     */
    public boolean mustLeave(Transfer transfer) {
        return toDisplace(transfer.tenant()).equals(Optional.of(transfer.id()));
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

    /** Notes which holders' torrents have received something since this was last noted. Rows are locked in the order of ids. */
    public void noteProgress(UUID tenant) {
        database.createNativeMutationQuery(
                        "with moved as (select t.id, c.down from transfer t"
                                + " join torrent o on o.id = t.torrent_id"
                                + " join torrent_counters c on c.torrent_id = o.id and c.gen = o.gen"
                                + " where t.tenant_id = :tenant and t.slot and c.down <> t.slot_down"
                                + " order by t.id for no key update of t)"
                                + " update transfer t set slot_at = :now, slot_down = moved.down from moved where t.id = moved.id")
                .setParameter("tenant", tenant)
                .setParameter("now", Instant.now())
                .executeUpdate();
    }

    /**
     * Holders that are not forced and have made no progress since {@code moment}, at most {@code most} and as many as others wait, the
     * longest first.
     */
    public List<UUID> stuckSince(UUID tenant, Instant moment, int most) {
        return database.createNativeQuery(
                        "select id from transfer where tenant_id = :tenant and slot and not forced and slot_at < :moment"
                                + " order by slot_at, id"
                                + " limit (select least(:most, count(*)) from transfer where tenant_id = :tenant and queued_since is not null)",
                        UUID.class)
                .setParameter("tenant", tenant)
                .setParameter("moment", moment)
                .setParameter("most", most)
                .getResultList();
    }
}
