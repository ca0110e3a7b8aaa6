package io.shoal.intake.transfers;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;

/**
 * The transfers of all libraries. All methods must be called inside a transaction. A transaction that locks a torrent and its transfers
 * locks the torrent first.
 */
@ApplicationScoped
public class Transfers implements PanacheRepositoryBase<Transfer, UUID> {

    /** The transfer, if it is visible. */
    public Optional<Transfer> find(VisibleLibrary library, UUID id) {
        return findByIdOptional(id).filter(library::has);
    }

    /** The transfer of this torrent in the tenant's library. */
    public Optional<Transfer> find(UUID tenant, InfoHash infoHash) {
        return find("tenant = ?1 and infoHash = ?2", tenant, infoHash.hex()).firstResultOptional();
    }

    /** As {@link #find(UUID, InfoHash)}; no other transaction changes it until this one ends. */
    public Optional<Transfer> lock(UUID tenant, InfoHash infoHash) {
        return find("tenant = ?1 and infoHash = ?2", tenant, infoHash.hex())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional();
    }

    private static final String PLACE =
            "select new io.shoal.intake.transfers.TransferPlace(id, tenant, infoHash, torrent) from Transfer where ";

    /** Returns where the transfer belongs; empty if it does not exist. */
    public Optional<TransferPlace> placeOf(UUID id) {
        return getSession()
                .createQuery(PLACE + "id = :id", TransferPlace.class)
                .setParameter("id", id)
                .uniqueResultOptional();
    }

    /** Returns where up to {@code limit} planned transfers of a library belong. */
    public List<TransferPlace> plannedOf(UUID tenant, int limit) {
        return getSession()
                .createQuery(PLACE + "tenant = :tenant and torrent is not null", TransferPlace.class)
                .setParameter("tenant", tenant)
                .setMaxResults(limit)
                .getResultList();
    }

    /** Returns up to {@code limit} transfers of a library that are not planned; no other transaction changes them. */
    public List<Transfer> lockUnplannedOf(UUID tenant, int limit) {
        return find("tenant = ?1 and torrent is null order by id", tenant)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .page(0, limit)
                .list();
    }

    private static final String STAYING = """
            select count(*) from transfer t left join torrent o on o.id = t.torrent_id
             where t.tenant_id = :tenant and t.pool_id is distinct from cast(:pool as uuid)
               and not t.private and not coalesce(o.private, false)
            """;

    /**
     * Returns how many transfers of a library keep an owner that they would not have if they were added now, by a tenant that is
     * in {@code pool}.
     */
    public long countStaying(UUID tenant, @Nullable UUID pool) {
        return getSession()
                .createNativeQuery(STAYING, Long.class)
                .setParameter("tenant", tenant)
                .setParameter("pool", pool, UUID.class)
                .getSingleResult();
    }

    /** Returns whether content of a transfer belongs to this pool, or may once its metadata is known. */
    public boolean hasAnyOf(UUID pool) {
        return count("pool", pool) > 0;
    }

    /** The transfer, which no other transaction changes until this one ends. */
    public Optional<Transfer> lock(UUID id) {
        return find("id", id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResultOptional();
    }

    /** Returns the transfers of these torrents. */
    public List<Transfer> allOf(Collection<TorrentId> of) {
        return list("torrent in ?1", of.stream().map(TorrentId::value).toList());
    }

    /** Returns the transfers of these torrents that neither seed nor have met their goal. */
    public List<Transfer> unfinishedOf(Collection<TorrentId> of) {
        return list(
                "torrent in ?1 and course.state not in ?2",
                of.stream().map(TorrentId::value).toList(),
                List.of(TransferState.SEEDING, TransferState.DONE));
    }

    /** The transfers of a torrent, in the order in which they joined; no other transaction changes them. */
    public List<Transfer> lockAllOf(TorrentId torrent) {
        return find("torrent = ?1 order by createdAt, id", torrent.value())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    private static final String UNPLANNED_NOT_DENIED =
            " from Transfer where infoHash in ?1 and torrent is null and (hindrances.blocked is null or hindrances.blocked <> ?2)";

    /** Some transfers without a torrent that have one of these info-hashes and are not blocked for it. */
    public List<UUID> unplannedNotDenied(List<String> infoHashes, int limit) {
        return find("select id" + UNPLANNED_NOT_DENIED, infoHashes, Block.DENIED)
                .project(UUID.class)
                .page(0, limit)
                .list();
    }

    /** Those of these info-hashes that {@link #unplannedNotDenied} finds transfers of. */
    public List<String> hashesUnplannedNotDenied(List<String> infoHashes) {
        return find("select distinct infoHash" + UNPLANNED_NOT_DENIED, infoHashes, Block.DENIED)
                .project(String.class)
                .list();
    }

    /** Some transfers of the tenant that are not suspended as {@code suspended} says. */
    public List<UUID> notSuspendedAs(boolean suspended, UUID tenant, int limit) {
        return find("select id from Transfer where tenant = ?1 and hindrances.suspended = ?2", tenant, !suspended)
                .project(UUID.class)
                .page(0, limit)
                .list();
    }

    /** Returns some transfers whose goals of time have to be looked at by {@code now}, the longest due first. */
    public List<UUID> goalsDue(Instant now, int limit) {
        return getSession()
                .createNativeQuery(
                        "select id from transfer where goal_due <= :now order by goal_due limit :limit", UUID.class)
                .setParameter("now", now)
                .setParameter("limit", limit)
                .getResultList();
    }

    /** Those of these ids that are transfers. */
    public List<UUID> existing(List<UUID> ids) {
        return find("select id from Transfer where id in ?1", ids)
                .project(UUID.class)
                .list();
    }

    /**
     * Those of these transfers that are planned and not blocked. No other transaction changes them until this one ends; those that
     * another transaction is changing now are left out.
     */
    public List<UUID> lockPlannedNotBlocked(List<UUID> ids) {
        return getEntityManager()
                .unwrap(Session.class)
                .createNativeQuery(
                        "select id from transfer where id = any(cast(:ids as uuid[])) and torrent_id is not null"
                                + " and blocked is null and not suspended for no key update skip locked",
                        UUID.class)
                .setParameter("ids", ids.toArray(UUID[]::new))
                .getResultList();
    }

    /** Some whose metadata has been looked for since before {@code moment}; no other transaction changes them. */
    public List<Transfer> lockResolvingSince(Instant moment, int limit) {
        return find("course.state = ?1 and search.resolvingSince < ?2 order by id", TransferState.RESOLVING, moment)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .page(0, limit)
                .list();
    }
}
