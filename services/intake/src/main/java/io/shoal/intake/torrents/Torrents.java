package io.shoal.intake.torrents;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Tuple;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.LockMode;

/** The torrents that are known. All methods want a transaction. */
@ApplicationScoped
public class Torrents implements PanacheRepositoryBase<Torrent, String> {

    /** The torrent as it is now. */
    public Optional<Torrent> find(TorrentId id) {
        return findByIdOptional(id.value());
    }

    /** Returns those of {@code ids} that are known. */
    public Map<TorrentId, Torrent> allOf(Collection<TorrentId> ids) {
        return list("id in ?1", ids.stream().map(TorrentId::value).toList()).stream()
                .collect(Collectors.toMap(Torrent::id, Function.identity()));
    }

    /** The torrent; no other transaction changes it until this one ends. */
    public Optional<Torrent> lock(TorrentId id) {
        return find("id", id.value()).withLock(LockModeType.PESSIMISTIC_WRITE).firstResultOptional();
    }

    /**
     * No other transaction adds or changes this torrent until this one ends, also while it is not there yet. Taken before
     * {@link #lock}.
     */
    public void reserve(TorrentId id) {
        getEntityManager()
                .createNativeQuery("select cast(pg_advisory_xact_lock(hashtextextended(:id, 0)) as text)", String.class)
                .setParameter("id", id.value())
                .getSingleResult();
    }

    /** A torrent that was not known. */
    public Torrent add(TorrentId id, Owner owner, Generation generation, Torrent.Facts facts, SegmentLengths lengths) {
        Torrent torrent = new Torrent(id, owner, generation, facts);
        persist(torrent);
        flush(); // its row is there before the one that refers to it
        getEntityManager()
                .createNativeQuery("insert into torrent_segments (torrent_id, shorter) values (:id, :shorter)")
                .setParameter("id", id.value())
                .setParameter("shorter", lengths.encoded())
                .executeUpdate();
        return torrent;
    }

    /**
     * A transfer joins a torrent, which is locked and whose life is not over. The totals of one that was orphaned are dropped: the
     * fleet has forgotten the slice and counts anew, from the first epoch on.
     */
    public void revive(Torrent torrent, boolean orIsPrivate) {
        if (torrent.state() == TorrentState.ORPHANED) {
            getEntityManager()
                    .createNativeQuery("delete from torrent_counters where torrent_id = :id")
                    .setParameter("id", torrent.id().value())
                    .executeUpdate();
        }
        torrent.revive(orIsPrivate);
    }

    /** Returns whether a torrent of this pool is known, in whatever state. */
    public boolean hasAnyOf(Owner.OfPool pool) {
        return getSession()
                .createNativeQuery("select exists (select 1 from torrent where owner = :owner)", Boolean.class)
                .setParameter("owner", pool.text())
                .getSingleResult();
    }

    private static final String NOT_REMOVED =
            " from Torrent where state <> ?1 and (infoHash in ?2 or infoDigest in ?2)";

    /** Some with one of these info-hashes, of version 1 or 2, whose life is not over. */
    public List<TorrentId> notRemoved(List<String> hashes, int limit) {
        return find("select id" + NOT_REMOVED, TorrentState.REMOVED, hashes)
                .project(String.class)
                .page(0, limit)
                .stream()
                .map(TorrentId::new)
                .toList();
    }

    /** The info-hashes, of version 1 and 2, of those that {@link #notRemoved} finds. */
    public List<String> hashesNotRemoved(List<String> hashes) {
        return Stream.of("infoHash", "infoDigest")
                .flatMap(column -> column(column, hashes).stream())
                .toList();
    }

    private List<String> column(String name, List<String> hashes) {
        return find("select " + name + NOT_REMOVED, TorrentState.REMOVED, hashes)
                .project(String.class)
                .list();
    }

    /** The lengths of the segments of those of {@code ids} that are known. */
    Map<TorrentId, SegmentLengths> lengthsOf(Collection<TorrentId> ids) {
        return getSession()
                .createNativeQuery(
                        "select torrent_id, shorter from torrent_segments where torrent_id in (:ids)", Tuple.class)
                .setParameter("ids", ids.stream().map(TorrentId::value).toList())
                .getResultStream()
                .collect(Collectors.toMap(
                        row -> new TorrentId(row.get(0, String.class)),
                        row -> SegmentLengths.decode(row.get(1, byte[].class))));
    }

    /** Some that were orphaned before {@code moment}, locked; those that another transaction works on are left out. */
    List<Torrent> orphanedBefore(Instant moment, int limit) {
        return getSession()
                .createQuery(
                        "from Torrent where state = :state and orphanedAt < :moment order by orphanedAt", Torrent.class)
                .setParameter("state", TorrentState.ORPHANED)
                .setParameter("moment", moment)
                .setHibernateLockMode(LockMode.UPGRADE_SKIPLOCKED)
                .setMaxResults(limit)
                .getResultList();
    }
}
