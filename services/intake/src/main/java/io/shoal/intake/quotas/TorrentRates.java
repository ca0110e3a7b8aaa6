package io.shoal.intake.quotas;

import io.shoal.intake.torrents.Owner;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.hibernate.Session;

/**
 * Divides the rates of each tenant and of each pool among the torrents that it owns and that take part in swarms. Workers do not
 * know one another, so each torrent has an equal share, which follows the number of torrents; a share that is right within a tenth
 * stays, or every torrent that comes or goes would change all others. The rates of a pool's members do not apply to its torrents.
 *
 * <p>All methods must be called inside a transaction.
 */
@ApplicationScoped
public class TorrentRates {
    /** The rates of each owner, by the text in {@code torrent.owner}; 0 for no limit. */
    private static final String TENANTS =
            "select cast(tenant_id as text) as owner, down_rate, up_rate from tenant_quota";

    private static final String POOLS = "select 'pool/' || id as owner, down_rate, up_rate from pool";

    /** The share of each torrent of some owners; 0 where the owner has no limit. */
    private static final String SHARES = """
            select q.owner,
                   case when q.down_rate = 0 then 0 else greatest(1, q.down_rate / greatest(1, n.active)) end as down,
                   case when q.up_rate = 0 then 0 else greatest(1, q.up_rate / greatest(1, n.active)) end as up
              from (%s) q
             cross join lateral (select count(*) as active from torrent
                                  where owner = q.owner and state = 'LIVE' and mode <> 'STOP') n
            """;

    private static final String BEGIN = """
            update torrent t set down_rate = s.down, up_rate = s.up
              from (%s where q.down_rate > 0 or q.up_rate > 0) s
             where t.id = :torrent and t.owner = s.owner and t.mode <> 'STOP' and t.down_rate = 0 and t.up_rate = 0
            """;

    private static final String BEGIN_OF_TENANT =
            BEGIN.formatted(SHARES.formatted(TENANTS + " where tenant_id = :owner"));

    private static final String BEGIN_OF_POOL = BEGIN.formatted(SHARES.formatted(POOLS + " where id = :owner"));

    private static final String CORRECT = """
            with share as (
                %s where q.down_rate > 0 or q.up_rate > 0
                    or exists (select 1 from torrent where owner = q.owner and (down_rate > 0 or up_rate > 0))
            ), stale as (
                select t.id, s.down, s.up from torrent t join share s on s.owner = t.owner
                 where t.state = 'LIVE' and t.mode <> 'STOP'
                   and (abs(t.down_rate - s.down) > s.down / 10 or (s.down = 0) <> (t.down_rate = 0)
                     or abs(t.up_rate - s.up) > s.up / 10 or (s.up = 0) <> (t.up_rate = 0))
                 limit :most for no key update of t skip locked
            )
            update torrent t set rev = nextval('rev_seq'), down_rate = stale.down, up_rate = stale.up
              from stale where t.id = stale.id returning t.id
            """.formatted(SHARES.formatted(TENANTS + " union all " + POOLS));

    private final Session database;

    TorrentRates(Session database) {
        this.database = database;
    }

    /** Gives a torrent of {@code owner} that begins its share, so that it has a limit from its first record on. */
    public void begin(Owner owner, String torrent) {
        switch (owner) {
            case Owner.OfTenant(UUID tenant) -> begin(BEGIN_OF_TENANT, tenant, torrent);
            case Owner.OfPool(UUID pool) -> begin(BEGIN_OF_POOL, pool, torrent);
        }
    }

    private void begin(String statement, UUID owner, String torrent) {
        database.createNativeMutationQuery(statement)
                .setParameter("owner", owner)
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
