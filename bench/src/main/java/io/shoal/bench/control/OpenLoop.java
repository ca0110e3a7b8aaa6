package io.shoal.bench.control;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Requests at a fixed rate, whatever the answers take. Each time counts from the moment at which the request was due, so a server that
 * stalls is charged for all requests that were due meanwhile (no coordinated omission). What is not answered, or is refused, counts as
 * never answered.
 *
 * @param rate requests a second
 * @param total how many
 */
record OpenLoop(int rate, int total) {
    private static final int IN_FLIGHT = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** So many as fit into {@code time}. */
    static OpenLoop during(Duration time, int rate) {
        return new OpenLoop(rate, (int) Math.max(1, time.toSeconds() * rate));
    }

    /** A request, from its number. */
    interface Requests extends IntFunction<HttpRequest.Builder> {}

    /** Sends them all; returns the times of their answers in the order of the requests. */
    double[] run(Deadline deadline, Requests requests) throws IOException, InterruptedException {
        double[] millis = new double[total];
        Arrays.fill(millis, Double.POSITIVE_INFINITY);
        Semaphore places = new Semaphore(IN_FLIGHT);
        Map<String, Integer> refusals = new ConcurrentHashMap<>();
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build()) {
            long start = System.nanoTime();
            for (int number = 0; number < total; number++) {
                long due = start + number * TimeUnit.SECONDS.toNanos(1) / rate;
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                if (deadline.hasPassed()) {
                    throw new IOException("the time of the run is up (--limit)");
                }
                places.acquire();
                int index = number;
                CompletableFuture<?> _ = client.sendAsync(
                                requests.apply(number).timeout(PATIENCE).build(),
                                HttpResponse.BodyHandlers.discarding())
                        .whenComplete((answer, failure) -> {
                            if (failure == null && answer.statusCode() / 100 == 2) {
                                millis[index] = (System.nanoTime() - due) / 1e6;
                            } else {
                                refusals.merge(reason(answer, failure), 1, Integer::sum);
                            }
                            places.release();
                        });
            }
            places.acquire(IN_FLIGHT);
        }
        if (!refusals.isEmpty()) {
            Run.say("of %d requests were not answered as they should: %s".formatted(total, refusals));
        }
        return millis;
    }

    private static String reason(@Nullable HttpResponse<Void> answer, @Nullable Throwable failure) {
        return answer != null ? Integer.toString(answer.statusCode()) : String.valueOf(failure);
    }
}
