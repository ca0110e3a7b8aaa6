package io.shoal.local.torrents;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Info;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentTest {
    @TempDir
    private Path folder;

    @Test
    void aFolderBecomesATorrentOfItsFilesInOrder() throws IOException {
        Path root = folder.resolve("root");
        Files.createDirectories(root.resolve("b"));
        Files.writeString(root.resolve("b/2"), "two");
        Files.writeString(root.resolve("a"), "one");
        Content content = Content.of(root);

        Info info =
                content.torrent(1 << 20, List.of("http://127.0.0.1:1/announce")).info();
        assertThat(info.name()).isEqualTo("root");
        assertThat(info.files())
                .extracting(file -> String.join("/", file.path()))
                .containsExactly("a", "b/2");
        assertThat(content.size()).isEqualTo(6);
        assertThat(content.copyOf(content.files().get(1), Path.of("/x"))).isEqualTo(Path.of("/x/root/b/2"));
    }

    @Test
    void linksInAFolderCountAsWhatTheyLeadTo() throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "bytes");
        Path root = Files.createDirectories(folder.resolve("links"));
        Files.createSymbolicLink(root.resolve("link"), target);
        assertThat(Content.of(root).torrent(1 << 20, List.of()).info().files())
                .singleElement()
                .satisfies(file -> assertThat(file.length()).isEqualTo(5));
    }
}
