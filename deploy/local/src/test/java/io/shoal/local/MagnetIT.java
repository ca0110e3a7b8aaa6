package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.client.Transfer;
import io.shoal.local.clients.LibtorrentPeer;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.TestPlatform;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A magnet instead of a .torrent. Our tracker does not know its torrent before the metadata is there, so the magnet itself
 * names the peer that has it.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MagnetIT {
    @RegisterExtension
    private static final TestPlatform world = TestPlatform.with(
            options -> options.with("SHOAL_TRACKER_INTERVAL", "3s").with("SHOAL_TRACKER_MIN_INTERVAL", "1s"));

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMagnetIsResolvedByAPeerThatItNamesAndThenDownloaded(boolean isPrivate) throws Exception {
        Content content = Content.of(TestPlatform.randomFile(
                world.freshFolder("content").resolve("of a magnet"), (20 << 20) + 77, isPrivate ? 61 : 62));
        List<String> trackers = isPrivate
                ? world.client().passkey("a user")
                : world.platform().endpoints().trackerHttp();
        Metainfo torrent = content.torrent(TestPlatform.PIECE_LENGTH, trackers);
        String transfer;
        try (LibtorrentPeer seed =
                LibtorrentPeer.start(world.torrentFile(torrent).toString(), content.folder(), Options.LOOPBACK, 0)) {
            String hash = torrent.info().hash().hex();
            Transfer submitted = world.client()
                    .submit(Map.of(
                            "magnet",
                            "magnet:?xt=urn:btih:" + hash
                                    + "&dn=a+name+for+now"
                                    + "&tr="
                                    + escaped(trackers.getFirst())
                                    + "&x.pe=" + seed.address(),
                            "private",
                            isPrivate));
            transfer = submitted.id();
            assertThat(submitted.state()).isEqualTo("RESOLVING");
            assertThat(submitted.raw().path("infoHash").asText()).isEqualTo(hash);
            Await.until(
                    "the metadata is there",
                    Duration.ofSeconds(30),
                    () -> {
                        Transfer now = world.look(transfer);
                        return now != null && !now.state().equals("RESOLVING");
                    },
                    () -> "RESOLVING");

            Transfer complete = world.awaitComplete(transfer);
            assertThat(complete.name()).isEqualTo(content.name());
            assertThat(complete.wanted()).isEqualTo(content.size());
            assertThat(complete.raw().path("private").asBoolean()).isEqualTo(isPrivate);
        }
        assertThat(world.download(transfer, 0)).isEqualTo(Sha256.of(content.root()));
    }

    private static String escaped(String url) {
        return URLEncoder.encode(url, StandardCharsets.UTF_8);
    }
}
