package io.shoal.tracker.records;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.tracker.admission.Torrents;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code shoal.torrents}: which torrents are registered. */
final class TorrentsState implements State {
    private final Torrents torrents;

    TorrentsState(Torrents torrents) {
        this.torrents = torrents;
    }

    @Override
    public Topic topic() {
        return Topic.TORRENTS;
    }

    @Override
    public void take(String key, byte @Nullable [] value) throws BadRecordException {
        TorrentId torrent = new TorrentId(key);
        if (value == null) {
            torrents.forget(torrent);
            return;
        }
        TorrentRecord record = Json.read(value, TorrentRecord.class);
        torrents.register(
                torrent,
                record.rev(),
                isServed(record) ? keys(record) : List.of(),
                record.isPrivate() ? record.tenant() : null);
    }

    /** A private torrent without an owner in its record has no members. */
    private static boolean isServed(TorrentRecord record) {
        return record.state() == TorrentRecord.State.LIVE
                && record.tracked()
                && !(record.isPrivate() && record.tenant() == null);
    }

    private static List<SwarmKey> keys(TorrentRecord record) {
        return record.infoHashes().stream()
                .map(hex -> SwarmKey.of(InfoHash.ofHex(hex)))
                .distinct()
                .toList();
    }
}
