package io.shoal.storage;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.restassured.response.Response;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.topics.Topic;
import io.shoal.embedded.test.DatabaseOutage;
import io.shoal.embedded.test.Management;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** What goes on while the database is away, or refuses something. */
@PlatformTest
class OutagesTest {
    @Inject
    TestServers servers;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.datasource.username")
    String user;

    @ConfigProperty(name = "quarkus.datasource.password")
    String password;

    @Test
    void withoutTheDatabaseTheServiceStaysReadyAndKnownLinksGoOn() throws Exception {
        Sample known = downloaded(Sample.of(100, 1_000));
        Sample other = downloaded(Sample.of(100, 1_000));
        assertThat(get(known, 1).statusCode()).isEqualTo(200);
        try (DatabaseOutage _ = DatabaseOutage.of(url, user, password)) {
            assertThat(get(known, 1).asByteArray()).isEqualTo(known.content(1));
            assertThat(get(other, 0).statusCode()).isEqualTo(503);
            assertThat(get(other, 0).contentType()).startsWith("application/problem+json");

            Response ready = given().get(Management.url("/q/health/ready"));
            assertThat(ready.statusCode()).as(ready.asString()).isEqualTo(200);
            assertThat(given().get(Management.url("/q/health/live")).statusCode())
                    .isEqualTo(200);
        }
        await().until(() -> get(other, 0).statusCode() == 200);
    }

    @Test
    void aRecordThatTheDatabaseRefusesIsPutAsideAndTheNextIsTakenIn() throws Exception {
        Sample sample = Sample.of(100);
        Sample unstorable = Sample.of(100);
        servers.send(
                Topic.TORRENTS,
                unstorable.torrent().value(),
                Json.write(new TorrentRecord(
                        1,
                        unstorable.generation(),
                        1,
                        TorrentRecord.State.LIVE,
                        List.of(unstorable.info().hash().hex()),
                        false,
                        true,
                        "a text with \u0000",
                        1,
                        1,
                        Wanted.ALL,
                        UUID.randomUUID())));

        assertThat(TestServers.header(servers.buried(unstorable.torrent().value()), "reason"))
                .contains("SQL state 22");
        assertThat(get(downloaded(sample), 0).statusCode()).isEqualTo(200);
    }

    private Sample downloaded(Sample sample) throws Exception {
        servers.plan(sample, 1);
        servers.download(sample);
        int last = sample.contents().size() - 1;
        await().until(() -> given().redirects()
                        .follow(false)
                        .head("/content/" + token(sample, last) + "/name")
                        .statusCode()
                < 400);
        return sample;
    }

    private Response get(Sample sample, int file) {
        return given().get("/content/" + token(sample, file) + "/name");
    }

    private String token(Sample sample, int file) {
        return servers.token(sample, file, "file.bin", Instant.now().plusSeconds(60));
    }
}
