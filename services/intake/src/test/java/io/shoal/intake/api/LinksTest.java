package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.links.LinkKeys;
import io.shoal.contracts.links.LinkToken;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** Links that storage will honour. */
@QuarkusTest
@OnPlatform
class LinksTest {
    private static LinkToken open(String token) {
        String keys = ConfigProvider.getConfig().getValue("shoal.link-keys", String.class);
        return LinkKeys.parse(keys).open(token).orElseThrow();
    }

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
        LinkToken token = open(parts[2]);
        assertThat(token.tenant()).isEqualTo(UUID.fromString(tenant.id()));
        assertThat(token.torrent())
                .isEqualTo(TorrentId.of(tenant.id(), torrent.info().hash()));
        assertThat(token.file().value()).isEqualTo(4);
        assertThat(token.name()).isEqualTo("nästy  name_.txt");
        assertThat(token.expires()).isEqualTo(Instant.parse(response.path("expiresAt")));
        assertThat(Duration.between(token.issued(), token.expires())).isEqualTo(Duration.ofHours(6));
        assertThat(token.issued()).isBetween(Instant.now().minusSeconds(60), Instant.now());
    }

    @Test
    void aFileThatTheTorrentDoesNotHaveIsNotFound() {
        Tenant tenant = Tenant.create();
        String id = tenant.add(Torrents.several());
        tenant.asks().post("/v1/transfers/" + id + "/files/5/links").then().statusCode(404);
    }
}
