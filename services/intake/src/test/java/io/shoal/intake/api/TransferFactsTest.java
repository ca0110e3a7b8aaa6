package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.About;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a transfer tells of its torrent. */
@QuarkusTest
@OnPlatform
class TransferFactsTest {
    private static byte[] described(Metainfo torrent) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("d7:comment10:a\u0000 \ncaf\u00e9 10:created by4:prog13:creation datei1500000000e4:info"
                .getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(torrent.info().bytes());
        bytes.write('e');
        return bytes.toByteArray();
    }

    @Test
    void itsTorrentIsDescribed() throws Exception {
        Tenant tenant = Tenant.create();
        Metainfo torrent = Torrents.several();
        Response added = tenant.asks()
                .contentType("application/x-bittorrent")
                .body(described(torrent))
                .post("/v1/transfers");
        added.then()
                .statusCode(201)
                .body("torrent.pieceLength", equalTo(torrent.info().pieces().pieceLength()))
                .body("torrent.pieceCount", equalTo(torrent.info().pieces().count()))
                .body("torrent.infoHashV2", nullValue())
                .body("torrent.comment", equalTo("a \ncaf\u00e9"))
                .body("torrent.creator", equalTo("prog"))
                .body("torrent.createdAt", equalTo("2017-07-14T02:40:00Z"));
        tenant.asks().get("/v1/transfers").then().body("items[0].torrent.creator", equalTo("prog"));
        Metainfo sent = Metainfo.parse(tenant.asks()
                .get("/v1/transfers/" + added.path("id") + "/metainfo")
                .asByteArray());
        assertThat(sent.info().bytes()).isEqualTo(torrent.info().bytes());
        assertThat(sent.about()).isEqualTo(new About("a \ncaf\u00e9", "prog", Instant.parse("2017-07-14T02:40:00Z")));
    }

    @Test
    void aMagnetIsDescribedByTheTorrentThatComesLater() {
        Tenant tenant = Tenant.create();
        Metainfo torrent = Torrents.small();
        tenant.submit(Map.of("magnet", Torrents.magnet(torrent)))
                .then()
                .statusCode(201)
                .body("torrent", nullValue())
                .body("contentPath", nullValue());
        tenant.asks()
                .contentType("application/x-bittorrent")
                .body(described(torrent))
                .post("/v1/transfers")
                .then()
                .statusCode(200)
                .body("torrent.creator", equalTo("prog"));
    }

    @Test
    void itsContentIsBelowThePathOfItsCategory() {
        Tenant tenant = Tenant.create();
        tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "tv", "savePath", "/data/tv"))
                .post("/v1/categories")
                .then()
                .statusCode(201);
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        tenant.patch(id, "{\"displayName\":\"other\"}")
                .then()
                .body("contentPath", equalTo(torrent.info().name()));
        tenant.patch(id, "{\"category\":\"tv\"}")
                .then()
                .body("contentPath", equalTo("/data/tv/" + torrent.info().name()));
    }
}
