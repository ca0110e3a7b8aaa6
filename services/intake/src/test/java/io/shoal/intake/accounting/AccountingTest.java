package io.shoal.intake.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.records.AccountingRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the tracker says of members, as their tenant reads it. */
@QuarkusTest
@OnPlatform
class AccountingTest {
    private static final String PEER = "61".repeat(20);

    @Inject
    Accounting accounting;

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final Metainfo torrent = Torrents.small();
    private Tenant tenant = new Tenant("", "");
    private String transfer = "";
    private String ann = "";
    private Fleet fleet;

    @BeforeEach
    void aMember() {
        tenant = Tenant.create();
        transfer = tenant.add(torrent);
        Response made = tenant.asks()
                .contentType(ContentType.JSON)
                .body("{\"name\":\"Ann\"}")
                .post("/v1/passkeys");
        ann = made.path("id");
        fleet = new Fleet();
    }

    @AfterEach
    void closeFleet() {
        fleet.close();
    }

    private AccountingRecord record(String user, Instant start, long uploaded, long seedingSeconds, Instant last) {
        return new AccountingRecord(
                1,
                UUID.fromString(tenant.id()),
                UUID.fromString(user),
                torrent.info().hash().hex(),
                PEER,
                start.toEpochMilli(),
                uploaded,
                uploaded / 10,
                seedingSeconds,
                last.toEpochMilli());
    }

    private void say(AccountingRecord record) {
        fleet.send(Topic.ACCOUNTING, record.user() + "/" + record.infoHash(), Json.write(record));
    }

    private Response look() {
        return tenant.asks().get("/v1/transfers/" + transfer + "/accounting");
    }

    private void awaitUploaded(long bytes) {
        Tenant.await().until(() -> {
            Number uploaded = look().path("items[0].uploaded");
            return uploaded != null && uploaded.longValue() == bytes;
        });
    }

    @Test
    void sessionsAreAddedUpAndRecordsThatComeTwiceOrLateAreNot() {
        AccountingRecord first = record(ann, now, 1_000, 60, now.plusSeconds(60));
        AccountingRecord newer = record(ann, now, 5_000_000_000L, 90, now.plusSeconds(90));
        say(first);
        say(newer);
        say(first);
        say(newer);
        say(record(ann, now.plusSeconds(100), 7, 5, now.plusSeconds(105)));
        awaitUploaded(5_000_000_007L);
        look().then()
                .statusCode(200)
                .body("items", hasSize(1))
                .body("items[0].passkey", equalTo(ann))
                .body("items[0].name", equalTo("Ann"))
                .body("items[0].downloaded", equalTo(500_000_000))
                .body("items[0].seedingSeconds", equalTo(95))
                .body("items[0].sessions", equalTo(2))
                .body("items[0].lastAnnounceAt", equalTo(now.plusSeconds(105).toString()));
    }

    @Test
    void whoSentMostComesFirstAndStrangersHaveNoName() {
        String bob = UUID.randomUUID().toString();
        say(record(ann, now, 10, 0, now));
        say(record(bob, now, 99, 0, now));
        awaitUploaded(99);
        Tenant.await().until(() -> look().<Integer>path("items.size()") == 2);
        look().then()
                .body("items[0].passkey", equalTo(bob))
                .body("items[0].name", nullValue())
                .body("items[1].passkey", equalTo(ann));
    }

    @Test
    void anotherTenantSeesNothingOfIt() {
        Tenant other = Tenant.create();
        String its = other.add(torrent);
        say(record(ann, now, 10, 0, now));
        awaitUploaded(10);
        other.asks().get("/v1/transfers/" + its + "/accounting").then().body("items", hasSize(0));
        other.asks().get("/v1/transfers/" + transfer + "/accounting").then().statusCode(404);
    }

    @Test
    void sessionsThatAreOverAreKeptAsTheirSum() {
        say(record(ann, now.minus(Duration.ofDays(20)), 100, 10, now.minus(Duration.ofDays(19))));
        say(record(ann, now.minus(Duration.ofDays(18)), 200, 20, now.minus(Duration.ofDays(17))));
        say(record(ann, now, 1_000, 30, now));
        awaitUploaded(1_300);
        accounting.addUp();
        accounting.addUp();
        say(record(ann, now, 2_000, 40, now.plusSeconds(10)));
        awaitUploaded(2_300);
        look().then()
                .body("items[0].seedingSeconds", equalTo(70))
                .body("items[0].sessions", equalTo(3))
                .body("items[0].downloaded", equalTo(230));
        QuarkusTransaction.requiringNew().run(() -> accounting.addUp(now.plusSeconds(11), 1_000));
        look().then().body("items[0].uploaded", equalTo(2_300)).body("items[0].sessions", equalTo(3));
    }

    @Test
    void theyAreAddedUpAFewAtATime() {
        Instant longAgo = Instant.parse("2001-01-01T00:00:00Z"); // no other test has sessions of that time
        for (int session = 0; session < 5; session++) {
            accounting.take(record(ann, longAgo.plusSeconds(session), 10, 1, longAgo.plusSeconds(session)));
        }
        List<Boolean> more = new ArrayList<>();
        for (int batch = 0; batch < 3; batch++) {
            more.add(QuarkusTransaction.requiringNew().call(() -> accounting.addUp(longAgo.plusSeconds(10), 2)));
        }
        assertThat(more).containsExactly(true, true, false);
        look().then().body("items[0].uploaded", equalTo(50)).body("items[0].sessions", equalTo(5));
    }

    @Test
    void whoBeginsASessionWithEveryAnnounceHasAThousandUntilTheyAreAddedUp() {
        QuarkusTransaction.requiringNew().run(() -> {
            for (int session = 0; session < 1_000; session++) {
                accounting.take(record(ann, now.plusSeconds(session), 10, 1, now.plusSeconds(session)));
            }
        });
        accounting.take(record(ann, now.plusSeconds(1_000), 7, 0, now.plusSeconds(1_000)));
        assertTotal(10_000, 1_000);

        accounting.take(record(ann, now, 60, 1, now.plusSeconds(1_001))); // one that is known goes on
        assertTotal(10_050, 1_000);
        String bob = UUID.randomUUID().toString();
        accounting.take(record(bob, now, 99_999, 0, now));
        look().then().body("items[0].passkey", equalTo(bob)).body("items[0].sessions", equalTo(1));
        assertThat(look().<Integer>path("items.size()")).isEqualTo(2);

        QuarkusTransaction.requiringNew().run(() -> accounting.addUp(now.plusSeconds(2), 1_000));
        accounting.take(record(ann, now.plusSeconds(2_000), 100_000, 0, now.plusSeconds(2_000)));
        assertTotal(110_050, 1_001);
    }

    /** The account of the user that sent most. */
    private void assertTotal(int uploaded, int sessions) {
        look().then()
                .body("items[0].passkey", equalTo(ann))
                .body("items[0].uploaded", equalTo(uploaded))
                .body("items[0].sessions", equalTo(sessions));
    }

    @Test
    void aRecordThatCannotBeReadIsBuried() {
        String key = UUID.randomUUID().toString();
        fleet.send(Topic.ACCOUNTING, key, "{\"v\":1".getBytes(StandardCharsets.UTF_8));
        assertThat(fleet.awaitDead(key).value()).isEqualTo("{\"v\":1".getBytes(StandardCharsets.UTF_8));
        say(record(ann, now, 10, 0, now));
        awaitUploaded(10);
    }

    @Test
    void withATenantItsAccountsGo() {
        say(record(ann, now, 10, 0, now));
        awaitUploaded(10);
        Tenant.operator().delete("/v1/tenants/" + tenant.id()).then().statusCode(202);
        accounting.take(record(ann, now, 20, 0, now)); // its client announced once more, before the tracker knew
        tenant.awaitGone();
        accounting.take(record(ann, now, 20, 0, now));
        assertThat(accounting.of(UUID.fromString(tenant.id()), torrent.info().hash()))
                .isEmpty();
    }
}
