package io.shoal.bench.control;

import io.shoal.local.client.ShoalClient;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The queries of one replica of intake while many clients follow their libraries, in which nothing changes. */
final class EventLoad implements Measurement {
    /** The stream of a whole library. */
    private static final String ROUTE = "/v1/events";

    private static final int TRANSFERS_A_TENANT = 100;
    private static final double WANTED_QUERIES = 20;
    private static final Duration OPENING = Duration.ofMinutes(2);

    @Override
    public void measure(Run run) throws Exception {
        try (Stage stage = Stage.start(run, Part.EVENTS)) {
            Replica intake = stage.intake();
            stage.awaitReady(List.of(intake));
            Library library = Library.create(run, stage, intake);
            List<ShoalClient.Tenant> tenants = library.tenants();
            String figure = "queries for %d x %d clients of %s when nothing changes"
                    .formatted(tenants.size(), Sizes.CLIENTS_A_TENANT, ROUTE);
            if (!exists(intake, tenants.getFirst())) {
                run.report().add(figure, "n/a: the route answers 404", "< 20/s", Report.Mark.NONE);
                return;
            }
            library.fill(run, tenants.size() * TRANSFERS_A_TENANT, 0);
            stage.stop(List.of(intake));
            StatementLog log = StatementLog.start(stage, Databases.INTAKE);
            Replica watched = stage.intake();
            stage.awaitReady(List.of(watched));
            double idle = queriesPerSecond(run, log);
            try (EventClients clients = EventClients.open(watched.api(), ROUTE, keys(tenants))) {
                if (!run.deadline().await(OPENING, clients::areOpen)) {
                    throw new java.io.IOException("not all event streams are answered");
                }
                Run.say("all streams are open");
                run.window();
                double queries = queriesPerSecond(run, log) - idle;
                clients.areOpen();
                run.report()
                        .add(
                                figure,
                                "%.1f/s, besides %.1f/s without clients".formatted(Math.max(0, queries), idle),
                                "< 20/s",
                                Report.Mark.of(queries < WANTED_QUERIES));
            }
        }
    }

    private static boolean exists(Replica intake, ShoalClient.Tenant tenant) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(intake.api() + ROUTE))
                .header("Authorization", "Bearer " + tenant.key())
                .timeout(Duration.ofSeconds(30))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<InputStream> answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            answer.body().close(); // the stream would not end by itself
            return answer.statusCode() != 404;
        }
    }

    private static List<String> keys(List<ShoalClient.Tenant> tenants) {
        List<String> keys = new ArrayList<>();
        for (ShoalClient.Tenant tenant : tenants) {
            for (int client = 0; client < Sizes.CLIENTS_A_TENANT; client++) {
                keys.add(tenant.key());
            }
        }
        return keys;
    }

    private static double queriesPerSecond(Run run, StatementLog log) throws Exception {
        log.skip();
        double seconds = run.window();
        return log.read().stream().filter(EventLoad::isQuery).count() / seconds;
    }

    /** Whether the statement is more than the frame of a transaction. */
    private static boolean isQuery(StatementLog.Executed statement) {
        String text = statement.text().toUpperCase(Locale.ROOT);
        return !text.startsWith("BEGIN") && !text.startsWith("COMMIT") && !text.startsWith("ROLLBACK");
    }
}
