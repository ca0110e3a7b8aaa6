package io.shoal.intake.quotas;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.hibernate.Session;

/**
 * Divides the rates of each tenant among its torrents that take part in swarms. Workers do not know one another, so each
 * torrent has an equal share, which follows the number of torrents; a share that is right within a tenth stays, or every torrent
 * that comes or goes would change all others. Torrents of pools have no share: the rates of members do not apply to them.
 *
 * <p>All methods must be called inside a transaction.
 */
@ApplicationScoped
public class TorrentRates {
    /** The share of each torrent of the tenants of {@code tenant_quota q}; 0 where the tenant has no limit. */
    private static final String SHARES = """
            select cast(q.tenant_id as text) as owner,
                   case when q.down_rate = 0 then 0 else greatest(1, q.down_rate / greatest(1, n.active)) end as down,
                   case when q.up_rate = 0 then 0 else greatest(1, q.up_rate / greatest(1, n.active)) end as up
              from tenant_quota q
             cross join lateral (select count(*) as active from torrent
                                  where owner = cast(q.tenant_id as text) and state = 'LIVE' and mode <> 'STOP') n
            """;

    private static final String BEGIN = """
            update torrent t set down_rate = s.down, up_rate = s.up
              from (%s where q.tenant_id = :tenant and (q.down_rate > 0 or q.up_rate > 0)) s
             where t.id = :torrent and t.owner = s.owner and t.mode <> 'STOP' and t.down_rate = 0 and t.up_rate = 0
            """.formatted(SHARES);

    private static final String CORRECT = """
            with share as (
                %s where q.down_rate > 0 or q.up_rate > 0
                    or exists (select 1 from torrent
                                where owner = cast(q.tenant_id as text) and (down_rate > 0 or up_rate > 0))
            ), stale as (
                select t.id, s.down, s.up from torrent t join share s on s.owner = t.owner
                 where t.state = 'LIVE' and t.mode <> 'STOP'
                   and (abs(t.down_rate - s.down) > s.down / 10 or (s.down = 0) <> (t.down_rate = 0)
                     or abs(t.up_rate - s.up) > s.up / 10 or (s.up = 0) <> (t.up_rate = 0))
                 limit :most for no key update of t skip locked
            )
            update torrent t set rev = nextval('rev_seq'), down_rate = stale.down, up_rate = stale.up
              from stale where t.id = stale.id returning t.id
            """.formatted(SHARES);

    private final Session database;

    TorrentRates(Session database) {
        this.database = database;
    }

    /** Gives a torrent of {@code tenant} that begins its share, so that it has a limit from its first record on. */
    public void begin(UUID tenant, String torrent) {
        database.createNativeMutationQuery(BEGIN)
                .setParameter("tenant", tenant)
                .setParameter("torrent", torrent)
                .executeUpdate();
    }

    /** Corrects up to {@code most} shares, and returns the ids of the torrents whose records must be published again. */
    public List<String> correct(int most) {
        return database.createNativeQuery(CORRECT, String.class)
                .setParameter("most", most)
                .getResultList();
    }
}
