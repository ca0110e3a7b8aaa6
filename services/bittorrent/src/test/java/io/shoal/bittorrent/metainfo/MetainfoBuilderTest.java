package io.shoal.bittorrent.metainfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.PieceIndex;
import io.shoal.bittorrent.Sha1;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetainfoBuilderTest {
    @TempDir
    private Path folder;

    @Test
    void aFileIsHashedPieceByPiece() throws Exception {
        byte[] content = random(1_000_000);
        Path file = Files.write(folder.resolve("film.mkv"), content);

        Info info = MetainfoBuilder.ofFile(file).pieceLength(99_999).build().info();

        assertThat(info.name()).isEqualTo("film.mkv");
        assertThat(info.singleFile()).isTrue();
        assertThat(info.pieces()).isEqualTo(new Pieces(1_000_000, 99_999));
        verifiesAll(info, content);
        assertThat(MetainfoBuilder.ofBytes("film.mkv", content)
                        .pieceLength(99_999)
                        .build()
                        .info())
                .isEqualTo(info);
    }

    @Test
    void aFolderIsTakenInTheOrderOfItsPathsWithItsEmptyFiles() throws Exception {
        Path root = Files.createDirectories(folder.resolve("album"));
        byte[] a = random(40_000);
        byte[] b = random(3);
        Files.createDirectories(root.resolve("sub"));
        Files.write(root.resolve("b"), b);
        Files.write(root.resolve("sub/a"), a);
        Files.write(root.resolve("empty"), new byte[0]);
        Files.createSymbolicLink(root.resolve("link"), root.resolve("b"));

        Info info = MetainfoBuilder.ofFolder(root).build().info();

        assertThat(info.name()).isEqualTo("album");
        assertThat(info.files())
                .extracting(file -> String.join("/", file.path()))
                .containsExactly("b", "empty", "sub/a");
        byte[] all = Arrays.copyOf(b, b.length + a.length);
        System.arraycopy(a, 0, all, b.length, a.length);
        verifiesAll(info, all);
    }

    @Test
    void padFilesBeginEveryFileAtAPiece() throws Exception {
        byte[] first = random(20_000);
        byte[] second = random(16 << 10);
        byte[] third = random(1);
        Info info = MetainfoBuilder.named("t")
                .add(List.of("1"), first)
                .add(List.of("empty"), new byte[0])
                .add(List.of("2"), second)
                .add(List.of("3"), third)
                .pieceLength(16 << 10)
                .aligned()
                .build()
                .info();

        assertThat(info.files()).extracting(FileEntry::pad).containsExactly(false, true, false, false, false);
        assertThat(info.files())
                .filteredOn(file -> !file.pad() && file.length() > 0)
                .allSatisfy(file -> assertThat(file.offset() % (16 << 10)).isZero());
        byte[] all = new byte[32_768 + 16_384 + 1];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(second, 0, all, 32_768, second.length);
        all[all.length - 1] = third[0];
        verifiesAll(info, all);
    }

    @Test
    void trackersAndWebSeedsAreIncluded() throws Exception {
        Metainfo metainfo = MetainfoBuilder.ofBytes("x", new byte[1])
                .trackers(List.of("http://a/announce"))
                .trackers(List.of("udp://b:6969"))
                .webSeed("http://w/x")
                .makePrivate()
                .build();

        Metainfo read = Metainfo.parse(metainfo.encode());
        assertThat(read).isEqualTo(metainfo);
        assertThat(read.info().isPrivate()).isTrue();
        assertThat(read.trackers()).containsExactly(List.of("http://a/announce"), List.of("udp://b:6969"));
        assertThat(read.webSeeds()).containsExactly("http://w/x");
    }

    @Test
    void piecesAreFewEnoughForTheMetainfoAndManyEnoughForTheSwarm() {
        assertThat(MetainfoBuilder.sensiblePieceLength(1)).isEqualTo(32 << 10);
        assertThat(MetainfoBuilder.sensiblePieceLength(2L << 30)).isEqualTo(2 << 20);
        assertThat(MetainfoBuilder.sensiblePieceLength(16L << 40)).isEqualTo(16 << 20);
    }

    @Test
    void invalidMetainfoIsRefusedWithTheReason() {
        assertThatThrownBy(() -> MetainfoBuilder.ofBytes("x", new byte[0]).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one byte");
        assertThatThrownBy(() -> MetainfoBuilder.named("x").build()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        MetainfoBuilder.ofBytes("x", new byte[1]).pieceLength(1).build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MetainfoBuilder.ofBytes("x", new byte[1]).add(List.of("y"), new byte[1]))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFileThatChangesMeanwhileIsNoticed() throws Exception {
        Path file = Files.write(folder.resolve("log"), random(10));
        MetainfoBuilder growing = MetainfoBuilder.ofFile(file);
        Files.write(file, random(11));
        assertThatThrownBy(growing::build).isInstanceOf(IOException.class).hasMessageContaining("changed its length");

        MetainfoBuilder shrinking = MetainfoBuilder.ofFile(file);
        Files.write(file, random(9));
        assertThatThrownBy(shrinking::build).isInstanceOf(IOException.class).hasMessageContaining("changed its length");
    }

    private static void verifiesAll(Info info, byte[] content) {
        Pieces pieces = info.pieces();
        assertThat(pieces.total()).isEqualTo(content.length);
        for (int piece = 0; piece < pieces.count(); piece++) {
            int from = (int) pieces.offset(piece);
            byte[] digest = Sha1.of(Arrays.copyOfRange(content, from, from + pieces.length(piece)));
            assertThat(info.verifies(new PieceIndex(piece), digest))
                    .as("piece %d", piece)
                    .isTrue();
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
