package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Watching a transfer. */
@QuarkusTest
@OnPlatform
class EventsTest {
    @TestHTTPResource("/v1/transfers/")
    private URI transfers = URI.create("http://never.example");

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    /** A new transfer whose progress is known: that it is known no more, or again, is an event too. */
    private String add() {
        String id = tenant.add(Torrents.small());
        Tenant.await().until(() -> Boolean.FALSE.equals(tenant.get(id).path("progress.stale")));
        return id;
    }

    @Test
    void everyChangeIsAnEventUntilTheTransferIsRemoved() throws Exception {
        String id = add();
        try (Watch watch = new Watch(id, null)) {
            assertThat(watch.next())
                    .containsEntry("event", "transfer")
                    .hasEntrySatisfying(
                            "data",
                            data -> assertThat(data)
                                    .contains("\"state\":\"QUEUED\"")
                                    .contains(id));
            tenant.patch(id, "{\"paused\":true}");
            assertThat(watch.next().get("data")).contains("\"state\":\"PAUSED\"");
            tenant.remove(id);
            assertThat(watch.next()).containsEntry("event", "removed");
            assertThat(watch.ended()).isTrue();
        }
    }

    @Test
    void whoComesBackGetsWhatIsNewOnly() throws Exception {
        String id = add();
        String last;
        try (Watch watch = new Watch(id, null)) {
            String before = watch.next().get("id");
            tenant.patch(id, "{\"ratio\":3}");
            last = watch.next().get("id");
            assertThat(last).isNotEqualTo(before);
        }
        try (Watch watch = new Watch(id, last)) {
            tenant.patch(id, "{\"paused\":true}");
            assertThat(watch.next().get("data")).contains("\"state\":\"PAUSED\"");
        }
    }

    @Test
    void streamsAreBounded() throws Exception {
        String id = add();
        List<Watch> open = new ArrayList<>(List.of(new Watch(id, null), new Watch(id, null)));
        for (Watch watch : open) {
            watch.next();
        }
        tenant.asks()
                .get("/v1/transfers/" + id + "/events")
                .then()
                .statusCode(429)
                .body("code", equalTo("too-many-streams"));
        open.removeFirst().close();
        Tenant.await().untilAsserted(() -> {
            try (Watch again = new Watch(id, null)) {
                assertThat(again.status()).isEqualTo(200);
            }
        });
        open.removeFirst().close();
    }

    /** One stream, as a browser reads it. */
    private final class Watch implements AutoCloseable {
        private final HttpClient client = HttpClient.newHttpClient();
        private final HttpResponse<InputStream> response;
        private final BufferedReader lines;

        Watch(String id, @Nullable String lastId) throws IOException, InterruptedException {
            HttpRequest.Builder request = HttpRequest.newBuilder(transfers.resolve(id + "/events"))
                    .header("Authorization", "Bearer " + tenant.key())
                    .header("Accept", "text/event-stream");
            if (lastId != null) {
                request.header("Last-Event-ID", lastId);
            }
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        int status() {
            return response.statusCode();
        }

        Map<String, String> next() throws IOException {
            Map<String, String> fields = new HashMap<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty() && fields.containsKey("data")) {
                    return fields;
                }
                int colon = line.indexOf(':');
                if (colon > 0) {
                    fields.put(
                            line.substring(0, colon), line.substring(colon + 1).strip());
                }
            }
            throw new IOException("the stream has ended");
        }

        boolean ended() throws IOException {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isEmpty()) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void close() {
            client.shutdownNow();
        }
    }
}
