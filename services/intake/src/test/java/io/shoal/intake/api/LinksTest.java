package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.links.LinkToken;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Links that storage will honour. */
@QuarkusTest
@OnPlatform
class LinksTest {
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    @Test
    void aLinkNamesExactlyOneFileForSixHours() {
        Tenant tenant = Tenant.create();
        Metainfo torrent = Torrents.several();
        Response response = tenant.asks().post("/v1/transfers/" + tenant.add(torrent) + "/files/4/links");
        response.then().statusCode(200);
        URI url = URI.create(response.path("url"));
        assertThat(url.toString()).startsWith("http://storage.example:8082/content/");
        String[] parts = url.getPath().split("/", -1);
        assertThat(parts[3]).isEqualTo("nästy  name_.txt");
        LinkToken token = LinkToken.verify(parts[2], KEY).orElseThrow();
        assertThat(token.tenant()).isEqualTo(UUID.fromString(tenant.id()));
        assertThat(token.torrent())
                .isEqualTo(TorrentId.of(tenant.id(), torrent.info().hash()));
        assertThat(token.file().value()).isEqualTo(4);
        assertThat(token.name()).isEqualTo("nästy  name_.txt");
        assertThat(token.expires()).isEqualTo(Instant.parse(response.path("expiresAt")));
        assertThat(Duration.between(Instant.now(), token.expires()))
                .isBetween(Duration.ofHours(6).minusMinutes(1), Duration.ofHours(6));
    }

    @Test
    void aFileThatTheTorrentDoesNotHaveIsNotFound() {
        Tenant tenant = Tenant.create();
        String id = tenant.add(Torrents.several());
        for (String index : new String[] {"5", "-1", "x", "99999999999"}) {
            tenant.asks()
                    .post("/v1/transfers/" + id + "/files/" + index + "/links")
                    .then()
                    .statusCode(404);
        }
    }
}
