package io.shoal.bench.control;

import java.util.DoubleSummaryStatistics;
import java.util.List;

/** Database transactions per second at steady load, in both databases together: they must not grow with the number of replicas. */
final class Transactions implements Measurement {
    private static final double MOST_APART = 1.2;

    @Override
    public void measure(Run run) throws Exception {
        DoubleSummaryStatistics all = new DoubleSummaryStatistics();
        for (int replicas : run.replicas()) {
            try (Stage stage = Stage.start(run, Part.TRANSACTIONS, replicas);
                    RecordWriter writer = new RecordWriter(stage.brokers())) {
                Rate rate = rate(run, stage, writer, replicas);
                all.accept(rate.perSecond);
                run.report()
                        .add(
                                "database transactions with %,d live slices, %d replica(s) of intake and storage"
                                        .formatted(run.sizes().live(), replicas),
                                "%,.1f/s%s".formatted(rate.perSecond, rate.settled ? "" : ", not settled yet"));
            }
        }
        if (run.replicas().size() > 1) {
            double apart = all.getMax() / Math.max(0.1, all.getMin());
            run.report()
                    .add(
                            "the same, most / least of the numbers of replicas",
                            "%.2f".formatted(apart),
                            "<= 1.20",
                            Report.Mark.of(apart <= MOST_APART));
        }
    }

    /** @param settled whether it was about the same for two windows before it was measured */
    private record Rate(double perSecond, boolean settled) {}

    private static Rate rate(Run run, Stage stage, RecordWriter writer, int replicas) throws Exception {
        int live = run.sizes().live();
        Replica first = stage.intake();
        stage.awaitReady(List.of(first));
        FleetRecords records = Library.create(run, stage, first).fill(run, live, live);
        SteadyLoad.begin(run, writer, records, live);
        for (int i = 0; i < replicas; i++) { // one after the other: together they would starve one another
            stage.readyStorages(1);
            if (i > 0) {
                stage.awaitReady(List.of(stage.intake()));
            }
        }
        try (SteadyLoad load = SteadyLoad.start(writer, records, live)) {
            boolean settled = awaitSteady(run, stage);
            long before = transactions(stage);
            double seconds = run.window();
            load.check();
            return new Rate((transactions(stage) - before) / seconds, settled);
        }
    }

    /**
     * Returns when two windows in a row have seen about the same number of transactions, so what came first is acted upon.
     *
     * @return false if that takes too long
     */
    private static boolean awaitSteady(Run run, Stage stage) throws Exception {
        double last = Double.POSITIVE_INFINITY;
        long start = System.nanoTime();
        while (System.nanoTime() - start < Run.PATIENCE.toNanos()) {
            long before = transactions(stage);
            double rate = (transactions(stage, run) - before)
                    / (double) run.sizes().window().toSeconds();
            Run.say("%,.0f transactions a second".formatted(rate));
            if (rate > last * 0.8 && rate < last * 1.25 || rate < 20 && last < 20) {
                return true;
            }
            last = rate;
        }
        return false;
    }

    private static long transactions(Stage stage, Run run) throws Exception {
        run.window();
        return transactions(stage);
    }

    private static long transactions(Stage stage) throws Exception {
        return stage.databases().usage(Databases.INTAKE).transactions()
                + stage.databases().usage(Databases.STORAGE).transactions();
    }
}
