package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Watching a transfer. */
@QuarkusTest
@OnPlatform
class EventsTest {
    @TestHTTPResource("/v1/transfers/")
    private URI transfers = URI.create("http://never.example");

    @Inject
    EntityManager database;

    /** Streams that one tenant may have open. */
    @ConfigProperty(name = "shoal.event-streams")
    int limit;

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
    void aClientThatReconnectsGetsNewEventsOnly() throws Exception {
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
        List<Watch> open = new ArrayList<>();
        for (int stream = 0; stream < limit; stream++) {
            open.add(new Watch(id, null));
            open.getLast().next();
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
        open.forEach(Watch::close);
    }

    @Test
    void proxiesAreToldNeitherToBufferNorToStore() throws Exception {
        try (Watch watch = new Watch(add(), null)) {
            assertThat(watch.response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
            assertThat(watch.response.headers().firstValue("Cache-Control")).hasValue("no-store");
        }
    }

    @Test
    void headIsAnsweredAtOnceAndTakesNoPlace() throws Exception {
        String id = add();
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int head = 0; head < 40; head++) {
                HttpResponse<Void> answer = client.send(
                        HttpRequest.newBuilder(transfers.resolve(id + "/events"))
                                .version(HttpClient.Version.HTTP_1_1)
                                .HEAD()
                                .timeout(Duration.ofSeconds(20))
                                .header("Authorization", "Bearer " + tenant.key())
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.headers().firstValue("Content-Type"))
                        .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
            }
        }
        openAsManyAsAllowed(tenant, id).forEach(RawStream::close);
    }

    @Test
    void streamsThatAreClosedBeforeTheyBeginGiveTheirPlacesBack() throws Exception {
        String id = add();
        for (int stream = 0; stream < 100; stream++) {
            new RawStream(tenant, id).close();
        }
        openAsManyAsAllowed(tenant, id).forEach(RawStream::close);
    }

    @Test
    void onlyTheStreamsEndThatAreClosed() throws Exception {
        Map<Tenant, String> watched = new HashMap<>();
        List<RawStream> closed = new ArrayList<>();
        for (int other = 0; other < 200 / limit; other++) {
            Tenant of = Tenant.create();
            watched.put(of, of.add(Torrents.small()));
            closed.addAll(openAsManyAsAllowed(of, watched.get(of)));
        }
        assertThat(closed).hasSize(200);
        String id = add();
        long lostBefore = lostSessions();
        try (Watch stays = new Watch(id, null)) {
            stays.next();
            closed.forEach(RawStream::close);
            for (Map.Entry<Tenant, String> of : watched.entrySet()) {
                openAsManyAsAllowed(of.getKey(), of.getValue()).forEach(RawStream::close);
            }
            tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
            String data = "";
            while (!data.contains("\"state\":\"PAUSED\"")) {
                data = String.valueOf(stays.next().get("data"));
            }
        }
        assertThat(lostSessions()).isEqualTo(lostBefore);
    }

    /** Connections to the database that were cut, as the database counts them. */
    private long lostSessions() {
        return QuarkusTransaction.requiringNew()
                .call(() -> ((Number) database.createNativeQuery(
                                        "select sessions_abandoned from pg_stat_database where datname = current_database()")
                                .getSingleResult())
                        .longValue());
    }

    @Test
    void aStreamEndsWhenItsKeyIsRevoked() throws Exception {
        String id = add();
        Response added = Tenant.operator().post("/v1/tenants/" + tenant.id() + "/keys");
        try (Watch watch = new Watch(new Tenant(tenant.id(), added.path("key")), id, null);
                Watch stays = new Watch(id, null)) {
            watch.next();
            stays.next();
            Tenant.operator()
                    .delete("/v1/tenants/" + tenant.id() + "/keys/" + added.path("id"))
                    .then()
                    .statusCode(204);
            assertThat(watch.ended()).isTrue();
            tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
            assertThat(stays.next().get("data")).contains("\"state\":\"PAUSED\"");
        }
    }

    @Test
    void aStreamOfASessionEndsWithIt() throws Exception {
        String id = add();
        Response ended = tenant.asks().post("/v1/sessions");
        Response expired = tenant.asks().post("/v1/sessions");
        try (Watch ends = new Watch(new Tenant(tenant.id(), ended.path("token")), id, null);
                Watch expires = new Watch(new Tenant(tenant.id(), expired.path("token")), id, null);
                Watch stays = new Watch(id, null)) {
            ends.next();
            expires.next();
            stays.next();
            tenant.asks().delete("/v1/sessions/" + ended.path("id")).then().statusCode(204);
            assertThat(ends.ended()).isTrue();
            expire(expired.path("id"));
            expires.awaitEnd();
            tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
            String data = "";
            while (!data.contains("\"state\":\"PAUSED\"")) {
                data = String.valueOf(stays.next().get("data"));
            }
        }
    }

    private void expire(String session) {
        int changed = QuarkusTransaction.requiringNew()
                .call(() -> database.createNativeQuery("update api_session set ends_at = now() where id = :id")
                        .setParameter("id", UUID.fromString(session))
                        .executeUpdate());
        assertThat(changed).isEqualTo(1);
    }

    @Test
    void aStreamEndsWhenItsTenantIsSuspended() throws Exception {
        String id = add();
        try (Watch watch = new Watch(id, null)) {
            watch.next();
            Tenant.operator()
                    .post("/v1/tenants/" + tenant.id() + "/suspend")
                    .then()
                    .statusCode(200);
            assertThat(watch.ended()).isTrue();
        }
    }

    /** As many streams as one tenant may have, once there is room for all of them. */
    private List<RawStream> openAsManyAsAllowed(Tenant of, String id) throws IOException {
        List<RawStream> open = new ArrayList<>();
        for (int stream = 0; stream < limit; stream++) {
            Optional<RawStream> opened = openIfAllowed(of, id);
            open.add(
                    opened.isPresent()
                            ? opened.get()
                            : Tenant.await()
                                    .until(() -> openIfAllowed(of, id), Optional::isPresent)
                                    .orElseThrow());
        }
        return open;
    }

    private Optional<RawStream> openIfAllowed(Tenant of, String id) throws IOException {
        RawStream stream = new RawStream(of, id);
        if (stream.hasAnEvent()) {
            return Optional.of(stream);
        }
        stream.close();
        return Optional.empty();
    }

    /** A stream on a connection of its own, which closes at once, or when the stream ends without an event. */
    private final class RawStream implements AutoCloseable {
        private final Socket socket;

        RawStream(Tenant of, String id) throws IOException {
            socket = new Socket(transfers.getHost(), transfers.getPort());
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("""
                            GET /v1/transfers/%s/events HTTP/1.1\r
                            Host: intake\r
                            Connection: close\r
                            Authorization: Bearer %s\r
                            \r
                            """.formatted(id, of.key()).getBytes(StandardCharsets.US_ASCII));
        }

        /** Whether an event comes, and no refusal. */
        boolean hasAnEvent() throws IOException {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            if (!lines.readLine().contains(" 200 ")) {
                return false;
            }
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event:")) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** One stream, as a browser reads it. */
    private final class Watch implements AutoCloseable {
        private final HttpClient client = HttpClient.newHttpClient();
        private final HttpResponse<InputStream> response;
        private final BufferedReader lines;

        Watch(String id, @Nullable String lastId) throws IOException, InterruptedException {
            this(tenant, id, lastId);
        }

        Watch(Tenant of, String id, @Nullable String lastId) throws IOException, InterruptedException {
            HttpRequest.Builder request = HttpRequest.newBuilder(transfers.resolve(id + "/events"))
                    .header("Authorization", "Bearer " + of.key())
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

        /** Reads until the stream has ended, which it must within the time that the API promises. */
        void awaitEnd() throws IOException {
            Instant latest = Instant.now().plusSeconds(60);
            while (lines.readLine() != null) {
                assertThat(Instant.now()).isBefore(latest);
            }
        }

        @Override
        public void close() {
            client.shutdownNow();
        }
    }
}
