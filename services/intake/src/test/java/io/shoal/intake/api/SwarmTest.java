package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.records.SwarmReport.PeerFlag;
import io.shoal.contracts.records.SwarmReport.PeerSource;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.intake.swarms.SwarmLooks;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Looking at the peers and pieces of a transfer. */
@QuarkusTest
@OnPlatform
class SwarmTest {
    @TestHTTPResource("/v1/transfers/")
    private URI transfers = URI.create("http://never.example");

    private Tenant tenant = new Tenant("", "");
    private Fleet fleet;

    @BeforeEach
    void aTenantAndAFleet() {
        tenant = Tenant.create();
        fleet = new Fleet();
    }

    @AfterEach
    void closeFleet() {
        fleet.close();
    }

    private static SwarmReport.Peer peer(String address, PeerSource source, String... trackers) {
        return new SwarmReport.Peer(
                address,
                6881,
                "some client",
                Set.of(PeerFlag.INTERESTING, PeerFlag.CHOKED),
                source,
                995,
                1_000,
                20,
                30_000,
                400,
                List.of(trackers));
    }

    private static SwarmReport swarm(String key, SliceRecord slice, SwarmReport.Peer... peers) {
        return new SwarmReport(
                key,
                slice.gen(),
                1,
                peers.length,
                List.of(peers),
                new SwarmReport.Pieces(5, List.of(1, 0), List.of(1, 0), List.of(0, 2), List.of(3, 1)));
    }

    private static Response look(Tenant tenant, String transfer) {
        return tenant.asks().accept(ContentType.JSON).get("/v1/transfers/" + transfer + "/swarm");
    }

    private static Response watch(Tenant tenant, String transfer) {
        return tenant.asks().accept("text/event-stream").get("/v1/transfers/" + transfer + "/swarm");
    }

    @Test
    void theWorkerIsAskedAndWhatItReportsIsShown() {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        String key = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        SliceRecord slice = fleet.awaitSlice(key, record -> true);
        look(tenant, id)
                .then()
                .statusCode(200)
                .header("Cache-Control", "no-store")
                .body("reason", equalTo("no-report"))
                .body("stale", equalTo(true))
                .body("reportedAt", nullValue())
                .body("peers", empty())
                .body("pieces", nullValue());
        fleet.awaitInspect(key, inspect -> inspect.gen().equals(slice.gen()));

        fleet.swarm(swarm(key, slice, peer("2001:db8::1", PeerSource.TRACKER), peer("192.0.2.1", PeerSource.INCOMING)));
        Tenant.await()
                .until(() -> look(tenant, id), answer -> answer.path("reason") == null)
                .then()
                .body("reportedAt", notNullValue())
                .body("connected", equalTo(2))
                .body("peers.address", contains("2001:db8::1", "192.0.2.1"))
                .body("peers[0].port", equalTo(6881))
                .body("peers[0].client", equalTo("some client"))
                .body("peers[0].flags", contains("INTERESTING", "CHOKED"))
                .body("peers[0].source", equalTo("TRACKER"))
                .body("peers[0].progress", equalTo(0.995f))
                .body("peers[0].downRate", equalTo(1_000))
                .body("peers[0].upRate", equalTo(20))
                .body("peers[0].downloaded", equalTo(30_000))
                .body("peers[0].uploaded", equalTo(400))
                .body("pieces.count", equalTo(5))
                .body("pieces.stored", contains(1, 0))
                .body("pieces.spilled", contains(1, 0))
                .body("pieces.open", contains(0, 2))
                .body("pieces.availability", contains(3, 1));
        assertThat(look(tenant, id).asString()).doesNotContain("worker-1").doesNotContain(key);
    }

    @Test
    void aTransferThatDoesNotRunHasNoSwarmAndNoWorkerIsAsked() throws Exception {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        String key = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        fleet.awaitSlice(key, record -> true);
        tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
        look(tenant, id)
                .then()
                .statusCode(200)
                .body("reason", equalTo("not-running"))
                .body("stale", equalTo(false))
                .body("peers", empty());
        String magnet = tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .path("id");
        look(tenant, magnet).then().statusCode(200).body("reason", equalTo("metadata-pending"));
        assertThat(typeFor("*/*", id)).startsWith("application/json");
        assertThat(typeFor("text/event-stream", id)).startsWith("text/event-stream");
        tenant.asks()
                .head("/v1/transfers/" + id + "/swarm")
                .then()
                .statusCode(200)
                .header("Cache-Control", "no-store");
        assertThat(fleet.inspect(key)).isEmpty();
        tenant.patch(id, "{\"paused\":false}").then().statusCode(200);
        look(tenant, id).then().statusCode(200).body("reason", equalTo("no-report"));
        fleet.awaitInspect(key, inspect -> true);
    }

    private String typeFor(String accept, String transfer) throws IOException, InterruptedException {
        try (Watch watch = new Watch(tenant, transfer, accept)) {
            return watch.response.headers().firstValue("Content-Type").orElseThrow();
        }
    }

    @Test
    void aStreamRenewsTheDemandAndEndsWhenTheTransferIsRemoved() throws Exception {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        String key = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        SliceRecord slice = fleet.awaitSlice(key, record -> true);
        try (Watch watch = new Watch(tenant, id)) {
            assertThat(watch.response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
            assertThat(watch.response.headers().firstValue("Cache-Control")).hasValue("no-store");
            assertThat(watch.next()).contains("\"reason\":\"no-report\"");
            long first = fleet.awaitInspect(key, inspect -> true).until();
            fleet.swarm(swarm(key, slice, peer("192.0.2.1", PeerSource.OTHER)));
            assertThat(watch.next()).contains("192.0.2.1").contains("\"stale\":false");
            assertThat(watch.next()).as("after 5 s without a report").contains("\"stale\":true");
            fleet.awaitInspect(key, inspect -> inspect.until() > first);
            tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
            assertThat(watch.next()).contains("\"reason\":\"not-running\"").doesNotContain("192.0.2.1");
            tenant.remove(id);
            assertThat(watch.next()).isEqualTo("removed {}");
            assertThat(watch.ended()).isTrue();
        }
    }

    @Test
    void aStreamEndsWhenItsKeyIsRevoked() throws Exception {
        String id = tenant.add(Torrents.small());
        Response added = Tenant.operator().post("/v1/tenants/" + tenant.id() + "/keys");
        try (Watch watch = new Watch(new Tenant(tenant.id(), added.path("key")), id)) {
            watch.next();
            Tenant.operator()
                    .delete("/v1/tenants/" + tenant.id() + "/keys/" + added.path("id"))
                    .then()
                    .statusCode(204);
            assertThat(watch.ended()).isTrue();
        }
    }

    @Test
    void aFifthTransferIsRefusedAndAnotherTenantsIsNotFound() throws Exception {
        List<String> ids = new ArrayList<>();
        List<Watch> open = new ArrayList<>();
        for (int i = 0; i < SwarmLooks.TRANSFERS; i++) {
            ids.add(tenant.add(Torrents.small()));
            open.add(new Watch(tenant, ids.getLast()));
            open.getLast().next();
        }
        String fifth = tenant.add(Torrents.small());
        for (Response refused : List.of(look(tenant, fifth), watch(tenant, fifth))) {
            refused.then()
                    .statusCode(429)
                    .header("Retry-After", notNullValue())
                    .body("code", equalTo("too-many-looks"));
        }
        look(tenant, ids.getFirst()).then().statusCode(200);
        Tenant other = Tenant.create();
        for (Response refused : List.of(look(other, ids.getFirst()), watch(other, ids.getFirst()))) {
            refused.then().statusCode(404).body("code", equalTo("not-found"));
        }
        open.forEach(Watch::close);
    }

    @Test
    void membersOfAPoolSeeOnlyPeersThatTheirOwnTrackersHaveNamed() {
        String pool = Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "a pool"))
                .post("/v1/pools")
                .path("id");
        Tenant member = Tenant.create();
        for (Tenant each : List.of(tenant, member)) {
            Tenant.operator()
                    .contentType(ContentType.JSON)
                    .body(Map.of("pool", pool))
                    .put("/v1/tenants/" + each.id() + "/pool")
                    .then()
                    .statusCode(200);
        }
        String one = "http://one.example/announce?passkey=of-the-first";
        String two = "http://two.example/announce?passkey=of-the-second";
        Metainfo torrent = Torrents.small();
        String first = tenant.add(new Metainfo(torrent.info(), List.of(List.of(one)), List.of()));
        String second = member.add(new Metainfo(torrent.info(), List.of(List.of(two)), List.of()));
        String key = TorrentId.of("pool/" + pool, torrent.info().hash()) + "/0";
        SliceRecord slice = fleet.awaitSlice(key, record -> true);
        look(tenant, first).then().statusCode(200);
        look(member, second).then().statusCode(200);
        fleet.awaitInspect(key, inspect -> true);
        fleet.swarm(swarm(
                key,
                slice,
                peer("192.0.2.1", PeerSource.TRACKER, Tracker.id(one)),
                peer("192.0.2.2", PeerSource.TRACKER, Tracker.id(two)),
                peer("192.0.2.3", PeerSource.TRACKER, Tracker.id(two), Tracker.id(one)),
                peer("192.0.2.4", PeerSource.INCOMING),
                peer("192.0.2.5", PeerSource.OTHER)));
        Tenant.await()
                .until(() -> look(tenant, first), answer -> answer.path("reason") == null)
                .then()
                .body("connected", equalTo(5))
                .body("peers.address", contains("192.0.2.1", "192.0.2.3"))
                .body("pieces.stored", hasSize(2));
        look(member, second).then().body("peers.address", contains("192.0.2.2", "192.0.2.3"));
    }

    /** One stream, as a browser reads it. */
    private final class Watch implements AutoCloseable {
        private final HttpClient client = HttpClient.newHttpClient();
        private final HttpResponse<InputStream> response;
        private final BufferedReader lines;

        Watch(Tenant of, String id) throws IOException, InterruptedException {
            this(of, id, "text/event-stream");
        }

        Watch(Tenant of, String id, String accept) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(transfers.resolve(id + "/swarm"))
                    .header("Authorization", "Bearer " + of.key())
                    .header("Accept", accept)
                    .build();
            response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        /** The name and the data of the next event. */
        String next() throws IOException {
            String name = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event:")) {
                    name = line.substring("event:".length()).strip();
                } else if (line.startsWith("data:")) {
                    return name + " " + line.substring("data:".length()).strip();
                }
            }
            throw new IOException("the stream has ended");
        }

        /** Whether nothing but its end follows. */
        boolean ended() throws IOException {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isEmpty() && !line.startsWith("event:") && !line.startsWith("data:")) {
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
