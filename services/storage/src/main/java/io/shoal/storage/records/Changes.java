package io.shoal.storage.records;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.storage.catalog.Change;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Parses records of other services. */
final class Changes {
    private Changes() {}

    /** Returns the change that {@code record} reports; empty if it reports none. */
    static Optional<Change> of(ConsumerRecord<String, byte[]> record) throws BadRecordException {
        return switch (record.topic()) {
            case Topic.TORRENTS_NAME -> Optional.of(desired(record));
            case Topic.STATUS_NAME -> observed(record);
            default -> throw new IllegalStateException("no reader for " + record.topic());
        };
    }

    private static Change desired(ConsumerRecord<String, byte[]> record) throws BadRecordException {
        TorrentId torrent = torrent(record.key());
        if (record.value() == null) {
            return new Change.Ended(torrent);
        }
        TorrentRecord desired = Json.read(record.value(), TorrentRecord.class);
        if (desired.geometry() != Geometry.VERSION) {
            throw new BadRecordException("geometry " + desired.geometry() + " is not known here", null);
        }
        return new Change.Desired(torrent, desired);
    }

    private static Optional<Change> observed(ConsumerRecord<String, byte[]> record) throws BadRecordException {
        if (!(slice(record.key()) instanceof SliceKey.OfTorrent(TorrentId torrent, int slice))) {
            return Optional.empty();
        }
        if (record.value() == null) {
            return Optional.of(new Change.Withdrawn(torrent, slice));
        }
        StatusRecord status = Json.read(record.value(), StatusRecord.class);
        return Optional.of(
                new Change.Observed(torrent, slice, status.gen(), status.epoch(), status.check(), status.stored()));
    }

    private static TorrentId torrent(String key) throws BadRecordException {
        if (key == null) {
            throw new BadRecordException("no key", null);
        }
        try {
            return new TorrentId(key);
        } catch (IllegalArgumentException e) {
            throw new BadRecordException("the key is no torrent id", e);
        }
    }

    private static SliceKey slice(String key) throws BadRecordException {
        if (key == null) {
            throw new BadRecordException("no key", null);
        }
        try {
            return SliceKey.parse(key);
        } catch (IllegalArgumentException e) {
            throw new BadRecordException("the key is no slice's", e);
        }
    }
}
