package io.shoal.bench.control;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.List;

/**
 * How fast intake publishes a great many keys that were marked dirty at once, as after the loss of Kafka's topics, and how soon a
 * torrent that is added meanwhile is published.
 */
final class RelayLoad implements Measurement {
    private static final double WANTED_RATE = 5_000;
    private static final double WANTED_MILLIS = 200;
    private static final int ADDS_A_SECOND = 10;
    private static final int WARM_UP = 100;
    private static final Duration STRAGGLERS = Duration.ofSeconds(5);

    /** As the operations manual marks the keys of a library. Fields that the table does not have are ignored. */
    private static final String MARK_ALL = """
            insert into dirty_key
            select made.* from (
                select 'TORRENTS' as topic, id as key from torrent
                union all select 'SLICES', id || '/0' from torrent where state = 'LIVE'
            ) as dirty, lateral jsonb_populate_record(null::dirty_key, jsonb_build_object('topic', topic, 'key', key,
                'stamp', nextval('dirty_seq'), 'dirty_at', now(), 'low_priority', true)) as made
            on conflict (topic, key) do update set stamp = excluded.stamp, blocked_at = null""";

    @Override
    public void measure(Run run) throws Exception {
        try (Stage stage = Stage.start(run, Part.RELAY);
                EndOffsets published = new EndOffsets(stage.brokers(), List.of(Topic.TORRENTS, Topic.SLICES))) {
            Replica intake = stage.intake();
            stage.awaitReady(List.of(intake));
            Library library = Library.create(run, stage, intake);
            int torrents = Math.max(1, run.sizes().dirtyKeys() / 2);
            library.fill(run, torrents, torrents);
            try (PublishWatch watch = PublishWatch.start(stage.brokers())) {
                measure(
                        run,
                        stage,
                        published,
                        watch,
                        Adds.of(intake, library.tenants(), adding(run).total() + WARM_UP));
            }
        }
    }

    private static OpenLoop adding(Run run) {
        return OpenLoop.during(run.sizes().window(), ADDS_A_SECOND);
    }

    private static void measure(Run run, Stage stage, EndOffsets published, PublishWatch watch, Adds adds)
            throws Exception {
        Run.say("warming up");
        new OpenLoop(ADDS_A_SECOND, WARM_UP).run(run.deadline(), adds::apply);
        Run.say("marking %,d keys dirty".formatted(run.sizes().dirtyKeys()));
        long before = published.sum();
        stage.databases().execute(Databases.INTAKE, MARK_ALL);
        Drain drain = Drain.start(published, before, run.sizes().dirtyKeys());
        Run.say("adding %d a second meanwhile".formatted(ADDS_A_SECOND));
        long start = System.nanoTime();
        long[] due = new long[adding(run).total()];
        try (drain) {
            adding(run).run(run.deadline(), number -> {
                due[number] = start + number * 1_000_000_000L / ADDS_A_SECOND;
                keys(adds, WARM_UP + number).forEach(watch::expect);
                return adds.apply(WARM_UP + number);
            });
        }
        addRate(run, drain.rate());
        run.deadline().pass(STRAGGLERS);
        watch.check();
        double[] millis = new double[due.length];
        for (int number = 0; number < due.length; number++) {
            long last = 0;
            for (String key : keys(adds, WARM_UP + number)) {
                long at = watch.arrival(key);
                last = at == 0 || last < 0 ? -1 : Math.max(last, at);
            }
            millis[number] = last < 0 ? Double.POSITIVE_INFINITY : (last - due[number]) / 1e6;
        }
        Percentiles times = Percentiles.of(millis);
        run.report()
                .add(
                        "from POST to the torrent's and the slice's record, while %,d keys are republished"
                                .formatted(run.sizes().dirtyKeys()),
                        times
                                + " (never: not within the %d s of the measurement)"
                                        .formatted(run.sizes()
                                                .window()
                                                .plus(STRAGGLERS)
                                                .toSeconds()),
                        "p99 <= 200 ms",
                        Report.Mark.of(times.at(0.99) <= WANTED_MILLIS));
    }

    private static List<String> keys(Adds adds, int number) {
        TorrentId id = TorrentId.of(
                adds.tenantOf(number).id(), adds.torrents().get(number).infoHash());
        return List.of(id.value(), new SliceKey.OfTorrent(id, 0).toString());
    }

    private static void addRate(Run run, double rate) {
        run.report()
                .add(
                        "relay, %,d dirty keys".formatted(run.sizes().dirtyKeys()),
                        "%,.0f keys/s".formatted(rate),
                        ">= 5,000/s",
                        Report.Mark.of(rate >= WANTED_RATE));
    }
}
