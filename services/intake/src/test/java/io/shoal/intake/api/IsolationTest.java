package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** No tenant learns anything of another. */
@QuarkusTest
@OnPlatform
class IsolationTest {
    private static final List<BiFunction<RequestSpecification, String, Response>> REQUESTS = List.of(
            (asks, path) -> asks.get(path),
            (asks, path) -> asks.delete(path),
            (asks, path) ->
                    asks.contentType(ContentType.JSON).body("{\"paused\":true}").patch(path),
            (asks, path) ->
                    asks.contentType(ContentType.JSON).body("{\"wanted\":[99]}").patch(path),
            (asks, path) -> asks.get(path + "/files"),
            (asks, path) -> asks.get(path + "/metainfo"),
            (asks, path) -> asks.get(path + "/trackers"),
            (asks, path) -> asks.contentType(ContentType.JSON)
                    .body("{\"trackers\":[[\"none\"]]}")
                    .patch(path + "/trackers"),
            (asks, path) -> asks.post(path + "/verify"),
            (asks, path) -> asks.post(path + "/reannounce"),
            (asks, path) -> asks.get(path + "/events"),
            (asks, path) -> asks.get(path + "/accounting"),
            (asks, path) -> asks.post(path + "/files/0/links"));

    @Test
    void anothersTransferIsAnsweredAsAMissingOne() {
        Tenant owner = Tenant.create();
        Tenant other = Tenant.create();
        String its = owner.add(Torrents.several());
        String missing = UUID.randomUUID().toString();
        String nonsense = "no-id-at-all";
        for (var request : REQUESTS) {
            Response forIts = request.apply(other.asks(), "/v1/transfers/" + its);
            Response forMissing = request.apply(other.asks(), "/v1/transfers/" + missing);
            Response forNonsense = request.apply(other.asks(), "/v1/transfers/" + nonsense);
            assertThat(forIts.statusCode()).isEqualTo(404);
            assertThat(said(forIts, its)).isEqualTo(said(forMissing, missing)).isEqualTo(said(forNonsense, nonsense));
        }
        owner.get(its).then().statusCode(200);
        assertThat(owner.get(its).<Boolean>path("paused")).isFalse();
    }

    @Test
    void generationsSayNothingOfWhatOthersAdd() {
        Tenant owner = Tenant.create();
        Tenant other = Tenant.create();
        long before = generation(owner);
        for (int i = 0; i < 5; i++) {
            other.add(Torrents.small());
        }
        long after = generation(owner);

        // Links into the store show generations: the distance is a time, and no count.
        assertThat(after - before).isGreaterThan(1_000);
        assertThat(Instant.EPOCH.plus(after, ChronoUnit.MICROS))
                .isBetween(
                        Instant.now().minus(Duration.ofHours(1)), Instant.now().plus(Duration.ofHours(1)));
    }

    private static long generation(Tenant tenant) {
        return Tenant.operator()
                .get("/v1/slices?transfer=" + tenant.add(Torrents.small()))
                .jsonPath()
                .getLong("items[0].generation");
    }

    @Test
    void anothersPasskeyIsAnsweredAsAMissingOne() {
        Tenant owner = Tenant.create();
        Tenant other = Tenant.create();
        String its = owner.asks()
                .contentType(ContentType.JSON)
                .body("{\"name\":\"its\"}")
                .post("/v1/passkeys")
                .path("id");
        String missing = UUID.randomUUID().toString();
        Response forIts = other.asks().delete("/v1/passkeys/" + its);
        assertThat(forIts.statusCode()).isEqualTo(404);
        assertThat(said(forIts, its)).isEqualTo(said(other.asks().delete("/v1/passkeys/" + missing), missing));
        assertThat(other.asks().get("/v1/passkeys").<List<String>>path("items.id"))
                .isEmpty();
        assertThat(owner.asks().get("/v1/passkeys").<List<String>>path("items.id"))
                .containsExactly(its);
    }

    @Test
    void oneTorrentInTwoLibrariesIsTwoTransfers() {
        Metainfo torrent = Torrents.small();
        Tenant one = Tenant.create();
        Tenant two = Tenant.create();
        String first = one.add(torrent);
        String second = two.add(torrent);
        assertThat(first).isNotEqualTo(second);
        one.remove(first);
        two.get(second).then().statusCode(200);
    }

    private static String said(Response response, String id) {
        String headers = response.headers().asList().stream()
                .filter(header -> !header.getName().equalsIgnoreCase("content-length"))
                .toList()
                .toString();
        return response.statusCode() + headers + response.asString().replace(id, "ID");
    }
}
