package io.shoal.intake.planning;

import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.List;

/**
 * Divides the rates of each tenant among its torrents that take part in swarms. Workers do not know one another, so each
 * torrent has an equal share, which follows the number of torrents; a share that is right within a tenth stays, or every torrent
 * that comes or goes would change all others. Torrents of pools have no share: the rates of members do not apply to them.
 */
@ApplicationScoped
class RateShares {
    private static final int BATCH = 1_000;

    private static final String UPDATE = """
            with share as (
                select cast(q.tenant_id as text) as owner,
                       case when q.down_rate = 0 then 0 else greatest(1, q.down_rate / greatest(1, n.active)) end as down,
                       case when q.up_rate = 0 then 0 else greatest(1, q.up_rate / greatest(1, n.active)) end as up
                  from tenant_quota q
                 cross join lateral (select count(*) as active from torrent t
                                      where t.owner = cast(q.tenant_id as text) and t.state = 'LIVE' and t.mode <> 'STOP') n
                 where q.down_rate > 0 or q.up_rate > 0
                    or exists (select 1 from torrent t
                                where t.owner = cast(q.tenant_id as text) and (t.down_rate > 0 or t.up_rate > 0))
            ), stale as (
                select t.id, s.down, s.up from torrent t join share s on s.owner = t.owner
                 where t.state = 'LIVE' and t.mode <> 'STOP'
                   and (abs(t.down_rate - s.down) > s.down / 10 or (s.down = 0) <> (t.down_rate = 0)
                     or abs(t.up_rate - s.up) > s.up / 10 or (s.up = 0) <> (t.up_rate = 0))
                 limit :most for no key update of t skip locked
            )
            update torrent t set rev = nextval('rev_seq'), down_rate = stale.down, up_rate = stale.up
              from stale where t.id = stale.id returning t.id
            """;

    private final EntityManager database;
    private final Outbox outbox;
    private final Duties duties;

    RateShares(EntityManager database, Outbox outbox, Duties duties) {
        this.database = database;
        this.outbox = outbox;
        this.duties = duties;
    }

    @Scheduled(
            every = "2s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void sweep() {
        duties.runInBatches(Duty.SHARING_RATES, this::shareSome);
    }

    /** Returns whether there may be more to do. */
    private boolean shareSome() {
        @SuppressWarnings("unchecked")
        List<String> changed = database.createNativeQuery(UPDATE, String.class)
                .setParameter("most", BATCH)
                .getResultList();
        if (!changed.isEmpty()) {
            outbox.dirtyLater(
                    Topic.SLICES,
                    changed.stream()
                            .map(id -> new SliceKey.OfTorrent(new TorrentId(id), 0).toString())
                            .toList());
        }
        return changed.size() == BATCH;
    }
}
