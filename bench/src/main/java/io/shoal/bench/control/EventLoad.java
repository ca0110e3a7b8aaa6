package io.shoal.bench.control;

import io.shoal.local.client.ShoalClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The queries of one replica of intake while many clients follow their libraries, first while nothing changes, then with changes. */
final class EventLoad implements Measurement {
    /** The stream of a whole library. */
    private static final String ROUTE = "/v1/events";

    private static final int TRANSFERS_A_TENANT = 100;
    private static final double WANTED_QUERIES = 20;
    private static final Duration OPENING = Duration.ofMinutes(2);

    /** Follows the statements that the bench itself executes. */
    private static final String MARK = " -- by the bench";

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
                    throw new IOException("not all event streams are answered");
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
                measureChanges(run, stage, log, clients, tenants.size(), idle);
            }
        }
    }

    /** Changes a transfer of every second tenant each second. */
    private static void measureChanges(
            Run run, Stage stage, StatementLog log, EventClients clients, int tenants, double idle) throws Exception {
        int changing = Math.max(1, tenants / 2);
        String change = "update transfer set name = 'bench ' || now() where id in (%s)%s"
                .formatted(
                        IntStream.range(0, changing)
                                .mapToObj(number -> "'" + Library.transfer(2 * number) + "'")
                                .collect(Collectors.joining(",")),
                        MARK);
        try (Background changes = Background.start("changing transfers", ending -> change(stage, change, ending))) {
            run.window(); // until the statements of what was started are over
            long events = clients.changes();
            log.skip();
            double seconds = run.window();
            double queries = log.read().stream()
                            .filter(statement ->
                                    isQuery(statement) && !statement.text().endsWith(MARK.strip()))
                            .count()
                    / seconds;
            changes.check();
            clients.areOpen();
            double each = Math.max(0, queries - idle) / changing;
            run.report()
                    .add(
                            "queries for each tenant of %d in which something changes each second".formatted(changing),
                            "%.2f/s, %.1f/s in all; %.0f events/s received"
                                    .formatted(each, queries, (clients.changes() - events) / seconds),
                            "<= 1/s",
                            Report.Mark.of(each <= 1));
        }
    }

    private static void change(Stage stage, String change, BooleanSupplier ending)
            throws IOException, InterruptedException {
        while (!ending.getAsBoolean()) {
            try {
                stage.databases().execute(Databases.INTAKE, change);
            } catch (SQLException e) {
                throw new IOException("a change is refused", e);
            }
            TimeUnit.SECONDS.sleep(1);
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
