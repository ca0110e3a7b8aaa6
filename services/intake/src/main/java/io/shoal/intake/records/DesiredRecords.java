package io.shoal.intake.records;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.outbox.DesiredState;
import io.shoal.intake.outbox.RecordKey;
import io.shoal.intake.torrents.Owners;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.Session;

/**
 * Makes records from the tables, for many keys at once. A torrent is one slice; one that no transfer has, has none.
 *
 * <p>Invariant: a key that cannot be parsed fails by itself, when its record is asked for.
 */
@ApplicationScoped
class DesiredRecords implements DesiredState {
    private static final int VERSION = 1;

    /** A search for metadata belongs to no generation. */
    private static final Generation NO_GENERATION = new Generation(1);

    private final Session database;
    private final AdmissionRecords admission;

    DesiredRecords(Session database, AdmissionRecords admission) {
        this.database = database;
        this.admission = admission;
    }

    @Override
    public Records read(Collection<RecordKey> keys) {
        Set<TorrentId> torrents = new HashSet<>();
        Set<UUID> searches = new HashSet<>();
        List<AdmissionKey> admitted = new ArrayList<>();
        for (RecordKey key : keys) {
            try {
                switch (key.topic()) {
                    case TORRENTS -> torrents.add(new TorrentId(key.key()));
                    case SLICES -> {
                        switch (SliceKey.parse(key.key())) {
                            case SliceKey.OfTorrent(TorrentId torrent, int slice) -> torrents.add(torrent);
                            case SliceKey.OfResolve(UUID transfer) -> searches.add(transfer);
                        }
                    }
                    case ADMISSION -> admitted.add(AdmissionKey.parse(key.key()));
                    case STATUS, PROGRESS, CONTENT, DEMAND, ACCOUNTING, ANNOUNCES, DEAD -> {}
                }
            } catch (IllegalArgumentException e) {
                // It fails again when the record of this key is made, where the failure can be told from those of
                // others.
            }
        }
        return new Rows(torrents(torrents), searches(searches), admission.read(admitted))::record;
    }

    private Map<TorrentId, Torrent> torrents(Set<TorrentId> ids) {
        return ids.isEmpty()
                ? Map.of()
                : database.createQuery("from Torrent where id in :ids", Torrent.class)
                        .setParameterList(
                                "ids", ids.stream().map(TorrentId::value).toList())
                        .setReadOnly(true)
                        .getResultStream()
                        .collect(Collectors.toMap(Torrent::id, Function.identity()));
    }

    private Map<UUID, Transfer> searches(Set<UUID> ids) {
        return ids.isEmpty()
                ? Map.of()
                : database.createNativeQuery(
                                "select * from transfer where id = any(cast(:ids as uuid[]))", Transfer.class)
                        .setParameter("ids", ids.stream().map(UUID::toString).toArray(String[]::new))
                        .setReadOnly(true)
                        .getResultStream()
                        .collect(Collectors.toMap(Transfer::id, Function.identity()));
    }

    private record Rows(
            Map<TorrentId, Torrent> torrents, Map<UUID, Transfer> searches, AdmissionRecords.Rows admission) {
        Optional<byte[]> record(RecordKey key) {
            return switch (key.topic()) {
                case TORRENTS ->
                    Optional.ofNullable(torrents.get(new TorrentId(key.key())))
                            .map(DesiredRecords::torrent)
                            .map(Json::write);
                case SLICES -> slice(SliceKey.parse(key.key())).map(Json::write);
                case ADMISSION -> admission.of(AdmissionKey.parse(key.key())).map(Json::write);
                case STATUS, PROGRESS, CONTENT, DEMAND, ACCOUNTING, ANNOUNCES, DEAD ->
                    throw new IllegalArgumentException(key.topic() + " is not written by this service");
            };
        }

        private Optional<SliceRecord> slice(SliceKey key) {
            return switch (key) {
                case SliceKey.OfTorrent(TorrentId torrent, int slice) ->
                    Optional.ofNullable(torrents.get(torrent))
                            .filter(found -> found.state() == TorrentState.LIVE)
                            .map(DesiredRecords::slice);
                case SliceKey.OfResolve(UUID transfer) ->
                    Optional.ofNullable(searches.get(transfer))
                            .filter(Transfer::awaitsMetadata)
                            .map(DesiredRecords::resolve);
            };
        }
    }

    private static TorrentRecord torrent(Torrent torrent) {
        return new TorrentRecord(
                VERSION,
                torrent.generation(),
                torrent.rev(),
                torrent.state() == TorrentState.REMOVED ? TorrentRecord.State.REMOVED : TorrentRecord.State.LIVE,
                List.of(torrent.infoHash().hex()),
                torrent.isPrivate(),
                torrent.tracked(),
                torrent.keys().info(),
                Geometry.VERSION,
                1,
                torrent.wanted(),
                torrent.owner().tenant());
    }

    private static SliceRecord slice(Torrent torrent) {
        return new SliceRecord(
                VERSION,
                torrent.generation(),
                torrent.rev(),
                SliceRecord.Kind.SLICE,
                torrent.keys().info(),
                null,
                torrent.infoHash().hex(),
                torrent.isPrivate(),
                0,
                torrent.segments() - 1,
                torrent.wanted(),
                torrent.mode(),
                torrent.sources().trackers(),
                torrent.sources().webSeeds(),
                torrent.check(),
                torrent.isPrivate() ? List.of() : torrent.sources().peers(),
                torrent.owner().text(),
                new SliceRecord.SliceLimits(torrent.downRate(), torrent.upRate()),
                torrent.reannounces());
    }

    private static SliceRecord resolve(Transfer transfer) {
        return new SliceRecord(
                VERSION,
                NO_GENERATION,
                transfer.rev(),
                SliceRecord.Kind.RESOLVE,
                null,
                Objects.requireNonNull(transfer.magnet()),
                transfer.infoHash().hex(),
                transfer.privateAsked(),
                0,
                -1,
                transfer.wanted(),
                transfer.state() == TransferState.RESOLVING ? SliceRecord.Mode.RUN : SliceRecord.Mode.STOP,
                transfer.sources().trackers(),
                transfer.sources().webSeeds(),
                0,
                List.of(), // the magnet names them
                Owners.own(transfer.tenant()).text(), // a search is the tenant's even if the content will be a pool's
                null,
                transfer.search().reannounces());
    }
}
