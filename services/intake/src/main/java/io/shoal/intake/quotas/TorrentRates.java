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
 * <p>A transfer may have limits of its own, which hold for a torrent that its tenant owns: the torrent then has the smaller of both, never
 * more, and what it leaves of its share is divided among the others.
 *
 * <p>All methods must be called inside a transaction.
 */
@ApplicationScoped
public class TorrentRates {
    /** The rates of each owner, by the text in {@code torrent.owner}; 0 for no limit. */
    private static final String TENANTS =
            "select tenant_id as tenant, cast(tenant_id as text) as owner, down_rate, up_rate from tenant_quota";

    private static final String POOLS =
            "select cast(null as uuid) as tenant, 'pool/' || id as owner, down_rate, up_rate from pool";

    /**
     * The share of each torrent that has no limit, or a higher one. With the lowest k limits given to their torrents, the others could
     * have equal parts of the rest; the largest of these parts, over all k, is the one at which exactly those with lower limits have
     * their limit: before it each further torrent that is taken out leaves more for the others, after it less.
     */
    private static final String SHARE = """
            (select greatest(1, cast(floor(max((q.down_rate - taken) / (greatest(1, n.active) - limited))) as bigint)) from (
                select cast(0 as numeric) as taken, cast(0 as bigint) as limited
                union all
                select sum(x.down_rate) over lowest, row_number() over lowest
                  from transfer x join torrent o on o.id = x.torrent_id and o.owner = q.owner and o.state = 'LIVE' and o.mode <> 'STOP'
                 where x.tenant_id = q.tenant and x.down_rate > 0
                window lowest as (order by x.down_rate rows unbounded preceding)) limits
              where limited < greatest(1, n.active))
            """;

    /** The share of each torrent of some owners; 0 where the owner has no limit. */
    private static final String SHARES = """
            select q.tenant, q.owner,
                   case when q.down_rate = 0 then 0 else %s end as down,
                   case when q.up_rate = 0 then 0 else %s end as up
              from (%%s) q
             cross join lateral (select count(*) as active from torrent
                                  where owner = q.owner and state = 'LIVE' and mode <> 'STOP'
                                    and (q.down_rate > 0 or q.up_rate > 0)) n
            """.formatted(SHARE, SHARE.replace("down_rate", "up_rate"));

    /** The limits of a torrent: its share, or those of its transfer where these are smaller. */
    private static final String LIMITS = """
            left join transfer x on x.tenant_id = s.tenant and x.torrent_id = %s and (x.down_rate > 0 or x.up_rate > 0)
             cross join lateral (select coalesce(least(nullif(s.down, 0), nullif(x.down_rate, 0)), 0) as down,
                                        coalesce(least(nullif(s.up, 0), nullif(x.up_rate, 0)), 0) as up) g
            """;

    private static final String SET = """
            update torrent t set down_rate = g.down, up_rate = g.up%s
              from (%s) s %s
             where t.id = :torrent and t.owner = s.owner and t.mode <> 'STOP' and (t.down_rate, t.up_rate) <> (g.down, g.up)
            """;

    private static final String BEGIN_OF_TENANT =
            SET.formatted("", SHARES.formatted(TENANTS + " where tenant_id = :owner"), LIMITS.formatted(":torrent"));

    private static final String BEGIN_OF_POOL =
            SET.formatted("", SHARES.formatted(POOLS + " where id = :owner"), LIMITS.formatted(":torrent"));

    private static final String LIMIT_OF_TENANT = SET.formatted(
            ", rev = nextval('rev_seq')",
            SHARES.formatted(TENANTS + " where tenant_id = :owner"),
            LIMITS.formatted(":torrent"));

    /** Owners without rates have torrents with limits only where their transfers have them, or until this has corrected them. */
    private static final String CORRECT =
            """
            with share as materialized (
                %s where q.down_rate > 0 or q.up_rate > 0
                    or exists (select 1 from torrent o left join transfer x on x.torrent_id = o.id and x.tenant_id = q.tenant
                                where o.owner = q.owner and (o.down_rate > 0 or o.up_rate > 0)
                                  and o.state = 'LIVE' and o.mode <> 'STOP'
                                  and (o.down_rate, o.up_rate) <> (coalesce(x.down_rate, 0), coalesce(x.up_rate, 0)))
            ), stale as (
                select t.id, g.down, g.up from torrent t join share s on s.owner = t.owner %s
                 where t.state = 'LIVE' and t.mode <> 'STOP'
                   and (abs(t.down_rate - g.down) > g.down / 10 or (g.down = 0) <> (t.down_rate = 0)
                     or abs(t.up_rate - g.up) > g.up / 10 or (g.up = 0) <> (t.up_rate = 0)
                     or (t.down_rate > x.down_rate and x.down_rate > 0) or (t.up_rate > x.up_rate and x.up_rate > 0))
                 limit :most for no key update of t skip locked
            )
            update torrent t set rev = nextval('rev_seq'), down_rate = stale.down, up_rate = stale.up
              from stale where t.id = stale.id returning t.id
            """.formatted(SHARES.formatted(TENANTS + " union all " + POOLS), LIMITS.formatted("t.id"));

    private final Session database;

    TorrentRates(Session database) {
        this.database = database;
    }

    /** Gives a torrent of {@code owner} its limits before its record is published, so that it has them from its first one on. */
    public void begin(Owner owner, String torrent) {
        switch (owner) {
            case Owner.OfTenant(UUID tenant) -> begin(BEGIN_OF_TENANT, tenant, torrent);
            case Owner.OfPool(UUID pool) -> begin(BEGIN_OF_POOL, pool, torrent);
        }
    }

    private boolean begin(String statement, UUID owner, String torrent) {
        return database.createNativeMutationQuery(statement)
                        .setParameter("owner", owner)
                        .setParameter("torrent", torrent)
                        .executeUpdate()
                > 0;
    }

    /**
     * The limits of its transfer may be others. Returns whether those of the torrent are: its record must be published again. What the
     * tenant's other torrents have is corrected later.
     */
    public boolean limit(Owner owner, String torrent) {
        return owner instanceof Owner.OfTenant(UUID tenant) && begin(LIMIT_OF_TENANT, tenant, torrent);
    }

    /** Corrects up to {@code most} shares, and returns the ids of the torrents whose records must be published again. */
    public List<String> correct(int most) {
        return database.createNativeQuery(CORRECT, String.class)
                .setParameter("most", most)
                .getResultList();
    }
}
