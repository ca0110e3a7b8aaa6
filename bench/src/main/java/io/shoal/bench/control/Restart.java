package io.shoal.bench.control;

import io.shoal.contracts.records.StatusRecord;
import io.shoal.local.client.ShoalClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** The time from the start of a process until it is ready, with a record of every slice in the topics, and its heap then. */
final class Restart implements Measurement {
    private static final double WANTED_SECONDS = 60;
    private static final String INFO_KEY = "bench/info";

    /** After this the heap is as it stays: what was read has been acted upon, or fills it. */
    private static final Duration SETTLING = Duration.ofSeconds(30);

    @Override
    public void measure(Run run) throws Exception {
        try (Stage stage = Stage.start(run, Part.RESTART);
                RecordWriter writer = new RecordWriter(stage.brokers())) {
            Replica intake = stage.intake();
            stage.awaitReady(List.of(intake));
            Library library = Library.create(run, stage, intake);
            stage.stop(List.of(intake));
            int keys = run.sizes().keys();
            FleetRecords records = library.fill(run, keys, keys);
            stage.store(INFO_KEY, MadeTorrent.number(0).info());
            writer.writeAll(run.deadline(), "torrents", keys, number -> records.torrent(number, INFO_KEY));
            writer.writeAll(
                    run.deadline(),
                    "statuses",
                    keys,
                    number -> records.status(number, StatusRecord.State.SEEDING, MadeTorrent.SEGMENTS, 0));
            restartIntake(run, stage, library);
            restartStorage(run, stage);
        }
    }

    private static void restartIntake(Run run, Stage stage, Library library) throws Exception {
        Replica intake = stage.intake();
        double ready = stage.secondsToReady(List.of(intake));
        addReady(run, "intake", ready);
        ShoalClient.Tenant tenant = library.tenantOf(0);
        boolean fresh = run.deadline().await(Run.PATIENCE, () -> isFresh(intake, tenant));
        String figure = "intake shows what is in the topics, after a restart with %,d keys"
                .formatted(run.sizes().keys());
        run.report()
                .add(
                        figure,
                        fresh ? "%.1f s".formatted(intake.age()) : "not after %d s".formatted(Run.PATIENCE.toSeconds()),
                        "<= 60 s",
                        Report.Mark.of(fresh && intake.age() <= WANTED_SECONDS));
        addHeap(run, "intake", intake);
        stage.stop(List.of(intake));
    }

    private static boolean isFresh(Replica intake, ShoalClient.Tenant tenant) throws IOException, InterruptedException {
        intake.awaitAlive();
        HttpRequest request = HttpRequest.newBuilder(URI.create(intake.api() + "/v1/transfers/" + Library.transfer(0)))
                .header("Authorization", "Bearer " + tenant.key())
                .timeout(Duration.ofSeconds(10))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 && answer.body().contains("\"stale\":false");
        } catch (IOException e) {
            return false; // busy with what it reads
        }
    }

    private static void restartStorage(Run run, Stage stage) throws Exception {
        Replica first = stage.storage();
        double seconds = stage.secondsToReady(List.of(first));
        run.report()
                .add(
                        "storage ready, first start with %,d keys"
                                .formatted(run.sizes().keys()),
                        seconds(seconds));
        stage.stop(List.of(first));
        Replica second = stage.storage();
        addReady(run, "storage", stage.secondsToReady(List.of(second)));
        addHeap(run, "storage", second);
    }

    private static void addReady(Run run, String service, double ready) {
        run.report()
                .add(
                        "%s ready after a restart with %,d keys"
                                .formatted(service, run.sizes().keys()),
                        seconds(ready),
                        "<= 60 s",
                        Report.Mark.of(ready <= WANTED_SECONDS));
    }

    private static String seconds(double seconds) {
        return Double.isInfinite(seconds)
                ? "not after %d s".formatted(Run.PATIENCE.toSeconds())
                : "%.1f s".formatted(seconds);
    }

    private static void addHeap(Run run, String service, Replica replica) throws IOException, InterruptedException {
        run.deadline().pass(SETTLING);
        Heaps.add(run, "%s after it".formatted(service), replica);
    }
}
