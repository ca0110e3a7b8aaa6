package io.shoal.bench.control;

import io.shoal.local.client.ShoalClient;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;

/** Heap of one replica of intake with a large library and many live slices, and how soon it answers meanwhile. */
final class IntakeLoad implements Measurement {
    private static final int ADDS_A_SECOND = 50;
    private static final int LISTS_A_SECOND = 20;
    private static final double ADD_MILLIS = 50;
    private static final double LIST_MILLIS = 20;

    @Override
    public void measure(Run run) throws Exception {
        try (Stage stage = Stage.start(run, Part.INTAKE);
                RecordWriter writer = new RecordWriter(stage.brokers())) {
            Replica first = stage.intake();
            stage.awaitReady(List.of(first));
            Library library = Library.create(run, stage, first);
            stage.stop(List.of(first));
            int live = run.sizes().live();
            FleetRecords records = library.fill(run, run.sizes().transfers(), live);
            SteadyLoad.begin(run, writer, records, live);
            Replica intake = stage.intake();
            stage.awaitReady(List.of(intake));
            try (SteadyLoad load = SteadyLoad.start(writer, records, live)) {
                Run.say("letting intake settle");
                run.window();
                measure(run, library, intake);
                load.check();
            }
            Heaps.add(
                    run,
                    "intake with %,d live slices and %,d transfers"
                            .formatted(live, run.sizes().transfers()),
                    intake);
        }
    }

    private static void measure(Run run, Library library, Replica intake) throws Exception {
        List<ShoalClient.Tenant> tenants = library.tenants();
        OpenLoop adding = OpenLoop.during(run.sizes().window(), ADDS_A_SECOND);
        Adds adds = Adds.of(intake, tenants, 2 * adding.total());
        OpenLoop.Requests lists = number -> list(intake, tenants.get(number % tenants.size()));
        OpenLoop listing = OpenLoop.during(run.sizes().window(), LISTS_A_SECOND);
        Run.say("warming up, then %d adds at %d/s".formatted(adding.total(), ADDS_A_SECOND));
        adding.run(run.deadline(), adds::apply); // as long as what is measured: the JVM compiles meanwhile
        listing.run(run.deadline(), lists);
        add(
                run,
                "POST /v1/transfers at 50/s",
                Percentiles.of(adding.run(run.deadline(), number -> adds.apply(adding.total() + number))),
                ADD_MILLIS);
        add(run, "GET /v1/transfers?limit=50 at 20/s", Percentiles.of(listing.run(run.deadline(), lists)), LIST_MILLIS);
    }

    private static HttpRequest.Builder list(Replica intake, ShoalClient.Tenant tenant) {
        return HttpRequest.newBuilder(URI.create(intake.api() + "/v1/transfers?limit=50"))
                .header("Authorization", "Bearer " + tenant.key());
    }

    private static void add(Run run, String figure, Percentiles times, double most) {
        run.report()
                .add(figure, times.toString(), "p99 < %.0f ms".formatted(most), Report.Mark.of(times.at(0.99) < most));
    }
}
