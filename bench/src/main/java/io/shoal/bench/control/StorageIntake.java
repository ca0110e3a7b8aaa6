package io.shoal.bench.control;

import io.shoal.contracts.records.StatusRecord;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * How fast storage takes in a backlog of status records that were written before it starts, nine of ten of them unchanged, and what
 * unchanged ones cost its database afterwards. The torrents are known to it before. The time that the same replicas take to start
 * without the backlog is not counted.
 */
final class StorageIntake implements Measurement {
    private static final int RECORDS_A_KEY = 10;
    private static final double WANTED_RATE = 30_000;
    private static final String INFO_KEY = "bench/info";

    /** A session's transactions are counted up to 10 s after they have ended. */
    private static final Duration COUNTED = Duration.ofSeconds(11);

    @Override
    public void measure(Run run) throws Exception {
        for (int replicas : run.replicas()) {
            try (Stage stage = Stage.start(run, Part.STORAGE, replicas);
                    RecordWriter writer = new RecordWriter(stage.brokers())) {
                measure(run, stage, writer, replicas);
            }
        }
    }

    private static void measure(Run run, Stage stage, RecordWriter writer, int replicas) throws Exception {
        int backlog = run.sizes().backlog();
        int keys = Math.max(1, backlog / RECORDS_A_KEY);
        FleetRecords records = FleetRecords.unknown();
        stage.store(INFO_KEY, MadeTorrent.number(0).info());
        writer.writeAll(run.deadline(), "torrents", keys, number -> records.torrent(number, INFO_KEY));
        Run.say("storage takes in the torrents");
        stage.stop(stage.readyStorages(1));
        List<Replica> empty = stage.readyStorages(replicas);
        double start = empty.getFirst().age();
        Run.say("%d replicas were ready after %.1f s without a backlog".formatted(replicas, start));
        stage.stop(empty);
        writer.writeAll(run.deadline(), "statuses", backlog, number -> status(records, number % keys));
        List<Replica> loaded = stage.storages(replicas);
        double ready = stage.secondsToReady(loaded);
        double rate = backlog / Math.max(0.1, ready - start);
        String figure = "storage takes in status records, %d replica(s)".formatted(replicas);
        if (Double.isInfinite(ready)) {
            String most = "< %,.0f/s: not ready after %d s"
                    .formatted(backlog / loaded.getFirst().age(), Run.PATIENCE.toSeconds());
            run.report().add(figure, most, ">= 30,000/s", Report.Mark.MISSED);
            return;
        }
        run.report().add(figure, "%,.0f/s".formatted(rate), ">= 30,000/s", Report.Mark.of(rate >= WANTED_RATE));
        measureUnchanged(run, stage, writer, replicas, keys, records);
    }

    private static ProducerRecord<String, byte[]> status(FleetRecords records, int key) {
        boolean downloading = key % 10 == 0;
        return records.status(
                key,
                downloading ? StatusRecord.State.DOWNLOADING : StatusRecord.State.SEEDING,
                downloading ? key / 10 % MadeTorrent.SEGMENTS : MadeTorrent.SEGMENTS,
                0);
    }

    private static void measureUnchanged(
            Run run, Stage stage, RecordWriter writer, int replicas, int keys, FleetRecords records) throws Exception {
        Run.say("waiting for the jobs of what was new");
        run.deadline().await(Run.PATIENCE, () -> !hasJobs(stage));
        run.deadline().pass(COUNTED);
        int unchanged = Math.max(1_000, run.sizes().backlog() / 20);
        Used idle = use(run, stage, () -> {});
        Used loaded = use(
                run,
                stage,
                () -> writer.writeAll(
                        run.deadline(), "unchanged statuses", unchanged, number -> status(records, number % keys)));
        double thousands = unchanged / 1e3;
        double transactions = (loaded.transactions - idle.transactions * loaded.seconds / idle.seconds) / thousands;
        double rows = (loaded.rows - idle.rows * loaded.seconds / idle.seconds) / thousands;
        run.report()
                .add(
                        "storage's database for 1,000 unchanged records, %d replica(s)".formatted(replicas),
                        "%.1f transactions, %,.0f rows".formatted(Math.max(0, transactions), Math.max(0, rows)),
                        "none but those of offsets",
                        Report.Mark.of(transactions < 5 && rows < 100));
    }

    private static boolean hasJobs(Stage stage) {
        try {
            return stage.databases().number(Databases.STORAGE, "select count(*) from job where due <= now()") > 0;
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException("storage's jobs cannot be counted", e);
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private record Used(double transactions, double rows, double seconds) {}

    /** How much storage's database was used in a window that begins with {@code step}. */
    private static Used use(Run run, Stage stage, Step step) throws Exception {
        long start = System.nanoTime();
        Databases.Usage before = stage.databases().usage(Databases.STORAGE);
        step.run();
        run.window();
        run.deadline().pass(COUNTED);
        Databases.Usage used = stage.databases().usage(Databases.STORAGE).since(before);
        return new Used(used.transactions(), used.rows(), (System.nanoTime() - start) / 1e9);
    }
}
