package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.Torrent;
import io.shoal.engine.TorrentSpec.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines that meet over TCP on this machine. */
class LoopbackTest {
    @TempDir
    Path directory;

    @Test
    void aLeechGetsFromASeedExactlyWhatItHas() throws Exception {
        byte[] content = Contents.bytes(40_000_001, 1);
        Info info = Contents.torrent(content, 256 << 10, false);
        try (Outside seed = Outside.start();
                Outside leech = Outside.start()) {
            Path source = Files.createDirectory(directory.resolve("seed"));
            Files.write(source.resolve("content.bin"), content);
            seed.add(info, source, Mode.SEED);
            Path target = Files.createDirectory(directory.resolve("leech"));
            Torrent torrent = leech.add(info, target, Mode.RUN);
            torrent.addPeer(seed.address());

            leech.awaitFinished(info);

            assertThat(target.resolve("content.bin")).hasBinaryContent(content);
            assertThat(torrent.stats().wasted()).isZero();
        }
    }
}
