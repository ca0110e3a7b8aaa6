package io.shoal.bench.control;

import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.StatusRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/**
 * Writes what the workers of so many live slices write, until it is closed. Two of twenty slices download, nine seed to peers,
 * and nine are dormant. Each partition has its own moment of the second, as workers that run independently write. Figures of those that move go to the topic of progress; a status is written when a segment was stored, which
 * happens to a downloading slice every 30 s.
 */
final class SteadyLoad implements AutoCloseable {
    private static final int SEGMENT_EVERY = 30;

    /** How often a worker names a slice, which is more often than a reader may rely on ({@link ProgressRecord}). */
    private static final Duration DOWNLOADING_EVERY = Duration.ofSeconds(1);

    private static final Duration SENDING_EVERY = Duration.ofSeconds(3);

    private static final int UP_A_SECOND = 50_000;

    /** Statuses of slices whose totals alone move. */
    private static final Duration TOTALS_EVERY = Duration.ofMinutes(5);

    private final RecordWriter writer;
    private final FleetRecords records;
    private final List<List<Integer>> byPartition = new ArrayList<>();
    private final Background writing;

    private SteadyLoad(RecordWriter writer, FleetRecords records, int live) {
        this.writer = writer;
        this.records = records;
        for (int partition = 0; partition < Stage.PARTITIONS; partition++) {
            byPartition.add(new ArrayList<>());
        }
        for (int number = 0; number < live; number++) {
            byte[] key = TorrentNames.key(number).getBytes(StandardCharsets.UTF_8);
            byPartition
                    .get(BuiltInPartitioner.partitionForKey(key, Stage.PARTITIONS))
                    .add(number);
        }
        this.writing = Background.start("writing the load", this::write);
    }

    /** Writes the status of each slice as it stands at the beginning. */
    static void begin(Run run, RecordWriter writer, FleetRecords records, int live) throws IOException {
        writer.writeAll(run.deadline(), "statuses", live, number -> status(records, number, 0));
    }

    /** Starts to write what happens from then on. */
    static SteadyLoad start(RecordWriter writer, FleetRecords records, int live) {
        return new SteadyLoad(writer, records, live);
    }

    private static boolean isDownloading(int number) {
        return number % 10 == 0;
    }

    private static boolean isSending(int number) {
        return !isDownloading(number) && number % 2 == 1 && number % 20 != 19;
    }

    private static StatusRecord.State state(int number) {
        return isDownloading(number) ? StatusRecord.State.DOWNLOADING : StatusRecord.State.SEEDING;
    }

    private static int stored(int number, int second) {
        int whole = MadeTorrent.SEGMENTS;
        return isDownloading(number) ? Math.min(whole - 1, (number % SEGMENT_EVERY + second) / SEGMENT_EVERY) : whole;
    }

    private static long moved(int number, int second) {
        return isDownloading(number) || isSending(number) ? (long) second * UP_A_SECOND : 0;
    }

    private static ProducerRecord<String, byte[]> status(FleetRecords records, int number, int second) {
        return records.status(number, state(number), stored(number, second), moved(number, second));
    }

    private void write(BooleanSupplier ending) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long turn = TimeUnit.SECONDS.toNanos(1) / Stage.PARTITIONS;
        for (int second = 1; !ending.getAsBoolean(); second++) {
            for (int partition = 0; partition < Stage.PARTITIONS; partition++) {
                long due = start + TimeUnit.SECONDS.toNanos(second) + partition * turn;
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                writeStatuses(partition, second);
                writeProgress(partition, second);
            }
            writer.flush();
        }
    }

    private void writeStatuses(int partition, int second) {
        for (int number : byPartition.get(partition)) {
            boolean newSegment = isDownloading(number) && stored(number, second) != stored(number, second - 1);
            if (newSegment || isTotalsTurn(number, second)) {
                writer.write(status(records, number, second));
            }
        }
    }

    private static boolean isTotalsTurn(int number, int second) {
        return (isDownloading(number) || isSending(number)) && isTurn(number, second, TOTALS_EVERY);
    }

    private void writeProgress(int partition, int second) {
        List<ProgressRecord.Slice> slices = new ArrayList<>();
        for (int number : byPartition.get(partition)) {
            if (isDownloading(number) && isTurn(number / 10, second, DOWNLOADING_EVERY)
                    || isSending(number) && isTurn(number / 2, second, SENDING_EVERY)) {
                slices.add(records.figures(number, state(number), stored(number, second), moved(number, second)));
            }
            if (slices.size() == ProgressRecord.SLICES_MAX) {
                writer.write(FleetRecords.progress(partition, slices));
                slices = new ArrayList<>();
            }
        }
        if (!slices.isEmpty()) {
            writer.write(FleetRecords.progress(partition, slices));
        }
    }

    private static boolean isTurn(int number, int second, Duration every) {
        return Math.floorMod(number + second, (int) every.toSeconds()) == 0;
    }

    /** Throws if it could not write. */
    void check() throws IOException {
        writing.check();
    }

    @Override
    public void close() {
        writing.close();
    }
}
