package io.shoal.bench.control;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.topics.Topic;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The records about torrents as intake and workers write them: the one place of the bench that knows their fields.
 *
 * @param generation of all torrents
 * @param rev of all torrents and slices
 */
record FleetRecords(Generation generation, long rev) {
    private static final int VERSION = 1;
    private static final long EPOCH = 1;
    private static final String WORKER = "bench-0";
    private static final UUID TENANT = new UUID(0, 1);
    private static final long SEGMENT_BYTES = 10 << 20;

    private static final List<StatusRecord.Tracker> TRACKERS = Stream.of("a", "b", "c")
            .map(name -> new StatusRecord.Tracker(
                    StatusRecord.Tracker.id("http://" + name + ".example/announce"),
                    true,
                    1_800_000_000_000L,
                    "ok",
                    0L,
                    null))
            .toList();

    /** Records of torrents that intake has never seen. */
    static FleetRecords unknown() {
        return new FleetRecords(new Generation(1), 1);
    }

    /** The desired state of torrent {@code number}, whose info dictionary is the object {@code infoKey}. */
    ProducerRecord<String, byte[]> torrent(int number, String infoKey) {
        TorrentRecord record = new TorrentRecord(
                VERSION,
                generation,
                rev,
                TorrentRecord.State.LIVE,
                List.of(TorrentNames.infoHash(number)),
                false,
                false,
                infoKey,
                Geometry.VERSION,
                1,
                Wanted.ALL,
                TENANT);
        return new ProducerRecord<>(Topic.TORRENTS_NAME, TorrentNames.id(number).value(), Json.write(record));
    }

    /**
     * A worker's report about the slice of torrent {@code number}.
     *
     * @param stored how many segments
     * @param moved bytes that it has sent since it was complete, or received beyond its segments
     */
    ProducerRecord<String, byte[]> status(int number, StatusRecord.State state, int stored, long moved) {
        BitSet segments = new BitSet();
        segments.set(0, stored);
        StatusRecord record = new StatusRecord(
                VERSION,
                generation,
                rev,
                EPOCH,
                WORKER,
                state,
                null,
                Bits.of(segments),
                0,
                totals(state, stored, moved),
                TRACKERS,
                null);
        return new ProducerRecord<>(Topic.STATUS_NAME, TorrentNames.key(number), Json.write(record));
    }

    /** The figures of the slice of torrent {@code number}, as they stand in a record of its partition. */
    ProgressRecord.Slice figures(int number, StatusRecord.State state, int stored, long moved) {
        return new ProgressRecord.Slice(
                TorrentNames.key(number),
                generation,
                EPOCH,
                totals(state, stored, moved),
                new ProgressRecord.Rates(isDownloading(state) ? 500_000 : 0, 50_000),
                new ProgressRecord.Peers(20, 5, 3_500));
    }

    /** A worker's record of slices that all belong to {@code partition}. */
    static ProducerRecord<String, byte[]> progress(int partition, List<ProgressRecord.Slice> slices) {
        return new ProducerRecord<>(
                Topic.PROGRESS_NAME, partition, WORKER, Json.write(new ProgressRecord(VERSION, WORKER, slices)));
    }

    private static StatusRecord.Totals totals(StatusRecord.State state, int stored, long moved) {
        boolean downloading = isDownloading(state);
        long down = stored * SEGMENT_BYTES + (downloading ? moved : 0);
        long left = (MadeTorrent.SEGMENTS - stored) * SEGMENT_BYTES;
        return new StatusRecord.Totals(down, downloading ? 0 : moved, 0, 0, left);
    }

    private static boolean isDownloading(StatusRecord.State state) {
        return state == StatusRecord.State.DOWNLOADING;
    }
}
