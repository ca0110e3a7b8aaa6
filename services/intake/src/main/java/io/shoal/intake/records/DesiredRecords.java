package io.shoal.intake.records;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.admission.DenyList;
import io.shoal.intake.admission.OperatorRules;
import io.shoal.intake.admission.Passkeys;
import io.shoal.intake.outbox.DesiredState;
import io.shoal.intake.torrents.Owners;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import io.shoal.intake.transfers.Transfers;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** Says what the tables say as records. A torrent is one slice; one that no transfer has, has none. */
@ApplicationScoped
class DesiredRecords implements DesiredState {
    private static final int VERSION = 1;

    /** Of a search for metadata it means nothing. */
    private static final Generation NO_GENERATION = new Generation(1);

    private final Torrents torrents;
    private final Transfers transfers;
    private final Passkeys passkeys;
    private final OperatorRules rules;
    private final DenyList deniedTorrents;

    DesiredRecords(
            Torrents torrents, Transfers transfers, Passkeys passkeys, OperatorRules rules, DenyList deniedTorrents) {
        this.torrents = torrents;
        this.transfers = transfers;
        this.passkeys = passkeys;
        this.rules = rules;
        this.deniedTorrents = deniedTorrents;
    }

    @Override
    public Optional<byte[]> of(Topic topic, String key) {
        return switch (topic) {
            case TORRENTS ->
                torrents.find(new TorrentId(key)).map(DesiredRecords::torrent).map(Json::write);
            case SLICES -> slice(SliceKey.parse(key)).map(Json::write);
            case ADMISSION -> admission(AdmissionKey.parse(key)).map(Json::write);
            case STATUS, PROGRESS, CONTENT, DEMAND, ACCOUNTING, ANNOUNCES, DEAD ->
                throw new IllegalArgumentException(topic + " is not ours to write");
        };
    }

    private Optional<SliceRecord> slice(SliceKey key) {
        return switch (key) {
            case SliceKey.OfTorrent(TorrentId torrent, int slice) ->
                torrents.find(torrent)
                        .filter(found -> found.state() == TorrentState.LIVE)
                        .map(DesiredRecords::slice);
            case SliceKey.OfResolve(var transfer) ->
                transfers
                        .findByIdOptional(transfer)
                        .filter(Transfer::awaitsMetadata)
                        .map(DesiredRecords::resolve);
        };
    }

    private Optional<AdmissionRecord> admission(AdmissionKey key) {
        return switch (key) {
            case AdmissionKey.OfPasskey(var hash) ->
                passkeys.find(hash)
                        .map(passkey -> new AdmissionRecord.Passkey(
                                VERSION, passkey.rev(), passkey.tenant(), passkey.id(), passkey.isRevoked()));
            case AdmissionKey.OfTorrent(var infoHash) -> listed(infoHash);
            case AdmissionKey.OfTenant(var tenant) ->
                rules.of(tenant)
                        .map(rule -> new AdmissionRecord.TenantRules(
                                VERSION, rule.rev(), rule.admits(), rule.locations(), rule.linksVoidBefore()));
        };
    }

    /** A torrent that is both allowed and denied is denied. */
    private Optional<AdmissionRecord> listed(InfoHash infoHash) {
        OptionalLong denied = deniedTorrents.rev(infoHash);
        return denied.isPresent()
                ? Optional.of(new AdmissionRecord.Listed(VERSION, denied.getAsLong(), AdmissionRecord.Rule.DENY))
                : rules.of(infoHash)
                        .map(allowed -> new AdmissionRecord.Listed(VERSION, allowed.rev(), AdmissionRecord.Rule.ALLOW));
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
                new SliceRecord.SliceLimits(torrent.downRate(), torrent.upRate()));
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
                null);
    }
}
