package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.client.ApiException;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.client.Transfer;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.world.Await;
import io.shoal.local.world.StoredSegments;
import io.shoal.local.world.TestPlatform;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A torrent that the operator denies is gone: its transfer stops, its links and its objects end. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DenyIT {
    @RegisterExtension
    private static final TestPlatform world = TestPlatform.usual();

    @Test
    void whatIsDeniedIsBlockedUnlinkedAndPurged() throws Exception {
        Path file = TestPlatform.randomFile(world.freshFolder("content").resolve("denied"), 3 << 20, 21);
        Content content = Content.of(file);
        Metainfo torrent = world.torrent(content);
        String transfer = world.submit(torrent);
        try (EnginePeer _ = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 0)) {
            world.awaitComplete(transfer);
            world.download(transfer, 0);
            URI link = world.client().link(transfer, 0);

            Endpoints endpoints = world.platform().endpoints();
            new ShoalClient(endpoints.api(), endpoints.operatorKey())
                    .deny(torrent.info().hash().hex());

            Await.until("the transfer is blocked", Duration.ofSeconds(20), () -> {
                Transfer now = world.look(transfer);
                return now != null && now.state().equals("BLOCKED");
            });
            assertThat(world.client().transfer(transfer).reason()).isEqualTo("denied");
            Await.until("the link is gone", Duration.ofSeconds(20), () -> status(link) == 410);
            Await.until(
                    "nothing of it is stored",
                    Duration.ofSeconds(60),
                    () -> StoredSegments.nothingIn(world.platform().folder()));
            assertThatThrownBy(() -> world.submit(torrent))
                    .isInstanceOfSatisfying(
                            ApiException.class,
                            refused -> assertThat(refused.status()).isEqualTo(403));
        }
    }

    private static int status(URI link) throws Exception {
        try {
            ShoalClient.open(link).close();
            return 200;
        } catch (ApiException e) {
            return e.status();
        }
    }
}
