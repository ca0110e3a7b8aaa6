package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord.Passkey;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Row 12: passkeys, as a tenant makes them and as the tracker hears of them. */
@QuarkusTest
@OnPlatform
class PasskeysTest {
    @Inject
    AgroalDataSource database;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    private Response make(String json) {
        return tenant.asks().contentType(ContentType.JSON).body(json).post("/v1/passkeys");
    }

    private static AdmissionKey keyOf(Response made) {
        return new AdmissionKey.OfPasskey(PasskeyHash.of(made.<String>path("passkey")));
    }

    @Test
    void row12APasskeyIsShownOnceAndToldToTheTrackerByItsHash() {
        Response made = make("{\"name\":\" Ann \"}");
        String passkey = made.path("passkey");
        made.then()
                .statusCode(201)
                .header("Location", endsWith("/v1/passkeys/" + made.path("id")))
                .body("name", equalTo("Ann"))
                .body(
                        "announce",
                        equalTo(List.of(
                                "http://tracker.example:6969/" + passkey + "/announce",
                                "udp://tracker.example:6969/" + passkey + "/announce")));
        assertThat(passkey).matches("[0-9a-f]{32}");
        Response listed = tenant.asks().get("/v1/passkeys");
        assertThat(listed.<List<String>>path("items.id")).containsExactly(made.<String>path("id"));
        assertThat(listed.asString()).contains("Ann").doesNotContain(passkey);
        try (Fleet fleet = new Fleet()) {
            assertThat(fleet.awaitAdmission(keyOf(made), record -> true))
                    .isInstanceOfSatisfying(Passkey.class, told -> {
                        assertThat(told.tenant()).hasToString(tenant.id());
                        assertThat(told.user()).hasToString(made.path("id"));
                        assertThat(told.revoked()).isFalse();
                    });
        }
    }

    @Test
    void row12TheDatabaseDoesNotKnowThePasskey() throws Exception {
        String passkey = make("{\"name\":\"Ann\"}").path("passkey");
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from passkey p where p::text like '%" + passkey
                        + "%' or not exists (select 1 from passkey q where q.hash = '" + PasskeyHash.of(passkey)
                        + "')")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
    }

    @Test
    void row12ARevokedPasskeyIsGoneForItsTenantAndRevokedForTheTracker() {
        Response made = make("{\"name\":\"Ann\"}");
        String path = "/v1/passkeys/" + made.path("id");
        tenant.asks().delete(path).then().statusCode(204);
        tenant.asks().delete(path).then().statusCode(404);
        assertThat(tenant.asks().get("/v1/passkeys").<List<String>>path("items.id"))
                .isEmpty();
        try (Fleet fleet = new Fleet()) {
            fleet.awaitAdmission(keyOf(made), record -> record instanceof Passkey told && told.revoked());
        }
    }

    @Test
    void withATenantItsPasskeysGo() {
        Response made = make("{\"name\":\"Ann\"}");
        Tenant.operator().delete("/v1/tenants/" + tenant.id()).then().statusCode(202);
        try (Fleet fleet = new Fleet()) {
            fleet.awaitAdmission(keyOf(made), record -> record instanceof Passkey told && told.revoked());
        }
    }

    @Test
    void aTenantHasNoMoreThanItMayAlsoWhenItAsksAtTheSameTime() throws Exception {
        List<Integer> codes = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Integer>> makes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                makes.add(() -> make("{\"name\":\"Ann\"}").statusCode());
            }
            for (Future<Integer> code : threads.invokeAll(makes)) {
                codes.add(code.get());
            }
        }
        assertThat(codes).containsOnly(201, 409);
        assertThat(codes.stream().filter(code -> code == 201)).hasSize(3);
        make("{\"name\":\"Ann\"}").then().statusCode(409).body("code", equalTo("too-many-passkeys"));
        String one = tenant.asks().get("/v1/passkeys").path("items[0].id");
        tenant.asks().delete("/v1/passkeys/" + one).then().statusCode(204);
        make("{\"name\":\"Ann\"}").then().statusCode(201);
    }

    @Test
    void aBadNameIsRefused() {
        for (String body : List.of("{}", "{\"name\":\"\"}", "{\"name\":\"" + "x".repeat(201) + "\"}")) {
            make(body).then().statusCode(422).body("field", equalTo("name"));
        }
    }

    @Test
    void row12APrivateTorrentWithAPasskeyIsTrackedByUsAndItsOwnerIsTold() {
        List<String> urls = make("{\"name\":\"Ann\"}").path("announce");
        String name = UUID.randomUUID() + ".txt";
        Metainfo torrent = Torrents.build(MetainfoBuilder.ofBytes(name, name.getBytes(StandardCharsets.UTF_8))
                .trackers(List.of(urls.getFirst())));
        String metainfo = Base64.getEncoder().encodeToString(torrent.encode());
        tenant.submit(Map.of("metainfo", metainfo, "private", true)).then().statusCode(201);
        try (Fleet fleet = new Fleet()) {
            TorrentId id = TorrentId.of(tenant.id(), torrent.info().hash());
            var told = fleet.awaitTorrent(id, record -> true);
            assertThat(told.tracked()).isTrue();
            assertThat(told.isPrivate()).isTrue();
            assertThat(told.tenant()).hasToString(tenant.id());
        }
    }
}
