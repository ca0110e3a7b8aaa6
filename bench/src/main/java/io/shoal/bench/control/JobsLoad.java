package io.shoal.bench.control;

import java.util.List;
import java.util.Locale;

/** What it takes storage to take a job while a great many are due, by PostgreSQL's own log. */
final class JobsLoad implements Measurement {
    private static final double WANTED_MILLIS = 5;

    /** Jobs of torrents that storage does not know, which it ends at once. Fields that its table does not have are ignored. */
    private static final String FILL = """
            insert into job overriding system value
            select made.* from generate_series(1, :jobs) i, lateral jsonb_populate_record(null::job, jsonb_build_object(
                'id', 1000000000 + i, 'kind', 'PLAN', 'priority', 1, 'torrent', :torrent, 'generation', 1, 'file', -1,
                'due', now() - i * interval '1 millisecond', 'version', 0, 'attempts', 0)) as made""";

    @Override
    public void measure(Run run) throws Exception {
        for (int replicas : run.replicas()) {
            try (Stage stage = Stage.start(run, Part.JOBS)) {
                measure(run, stage, replicas);
            }
        }
    }

    private static void measure(Run run, Stage stage, int replicas) throws Exception {
        stage.stop(stage.readyStorages(1)); // makes the tables
        int jobs = run.sizes().jobs();
        stage.databases()
                .execute(
                        Databases.STORAGE,
                        FILL.replace(":torrent", TorrentNames.sqlId("i")).replace(":jobs", Integer.toString(jobs)));
        stage.databases().execute(Databases.STORAGE, "analyze");
        StatementLog log = StatementLog.start(stage, Databases.STORAGE);
        stage.readyStorages(replicas);
        run.window();
        List<StatementLog.Executed> statements = log.read();
        double[] takes = statements.stream()
                .filter(JobsLoad::isTake)
                .mapToDouble(StatementLog.Executed::millis)
                .toArray();
        long left = stage.databases().number(Databases.STORAGE, "select count(*) from job");
        Percentiles times = Percentiles.of(takes);
        run.report()
                .add(
                        "taking one of %,d due jobs, %d replica(s)".formatted(jobs, replicas),
                        "%s (%,d statements, %,d jobs done)".formatted(times, times.count(), jobs - left),
                        "< 5 ms",
                        Report.Mark.of(times.at(0.99) < WANTED_MILLIS));
    }

    /** Whether the statement leases jobs: it writes the owner of a lease and returns the rows. */
    private static boolean isTake(StatementLog.Executed statement) {
        String text = statement.text().toLowerCase(Locale.ROOT);
        return text.contains("lease_owner") && text.contains("job") && text.contains("returning");
    }
}
