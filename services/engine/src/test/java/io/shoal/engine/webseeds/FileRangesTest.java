package io.shoal.engine.webseeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.bittorrent.metainfo.SourceUrl;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FileRangesTest {
    private static final int PIECE = 1 << 10;
    private static final List<String> NAMES = List.of(
            "plain.bin",
            "two words",
            "100%",
            "%41",
            "Ümläut.txt",
            "電影",
            "a?b",
            "a#b",
            "a+b",
            "a/b",
            "..",
            "~tilde~",
            "\uD83C\uDFB5");

    private static SourceUrl url(String text) {
        return Objects.requireNonNull(SourceUrl.parse(text));
    }

    private static Info single(String name) throws IOException {
        return MetainfoBuilder.ofBytes(name, new byte[3_000])
                .pieceLength(PIECE)
                .build()
                .info();
    }

    private static String target(Info info, String base) {
        return Objects.requireNonNull(
                        new FileRanges(info, url(base)).first(0, 1).url())
                .target();
    }

    @Test
    void theUrlOfASingleFileIsTheFileOrItsFolder() throws Exception {
        Info info = single("two words.bin");
        assertThat(target(info, "http://a.example/other.bin")).isEqualTo("/other.bin");
        assertThat(target(info, "http://a.example/other.bin?key=1")).isEqualTo("/other.bin?key=1");
        assertThat(target(info, "http://a.example/folder/")).isEqualTo("/folder/two%20words.bin");
        assertThat(target(info, "http://a.example")).isEqualTo("/two%20words.bin");
    }

    @Test
    void theUrlOfSeveralFilesIsTheFolderOfTheirFolder() throws Exception {
        Info info = MetainfoBuilder.named("my torrent")
                .add(List.of("sub dir", "50%"), new byte[2_000])
                .pieceLength(PIECE)
                .build()
                .info();
        assertThat(target(info, "http://a.example/x/")).isEqualTo("/x/my%20torrent/sub%20dir/50%25");
        assertThat(target(info, "http://a.example/x")).isEqualTo("/x/my%20torrent/sub%20dir/50%25");
    }

    @Test
    void theServerAndItsCredentialsStayThoseOfTheUrl() throws Exception {
        SourceUrl base = url("https://user:pass@a.example:8443/x/");
        SourceUrl file = Objects.requireNonNull(
                new FileRanges(single("a"), base).first(0, 1).url());
        assertThat(file.hasOriginOf(base)).isTrue();
        assertThat(file.userInfo()).isEqualTo("user:pass");
    }

    /** Whatever the files are, the parts of an interval are exactly its bytes, each in the file that has them. */
    @Test
    void thePartsOfAnIntervalAreItsBytes() throws Exception {
        SplittableRandom random = new SplittableRandom(19);
        for (int round = 0; round < 300; round++) {
            Info info = torrent(random);
            long total = info.pieces().total();
            long from = random.nextLong(total);
            long end = from + 1 + random.nextLong(total - from);
            FileRanges ranges = new FileRanges(info, url("http://a.example/"));
            for (long at = from; at < end; ) {
                FileRange part = ranges.first(at, end);
                FileEntry file = fileAt(info, at);
                assertThat(part.length()).isEqualTo(Math.min(end, file.end()) - at);
                assertThat(part.offset()).isEqualTo(at - file.offset());
                assertThat(part.fileLength()).isEqualTo(file.length());
                SourceUrl url = part.url();
                assertThat(url == null).as("a pad file is on no server").isEqualTo(file.pad());
                if (url != null) {
                    assertThat(decoded(url)).isEqualTo(path(info, file));
                }
                at += part.length();
            }
        }
    }

    private static Info torrent(SplittableRandom random) throws IOException {
        MetainfoBuilder builder = MetainfoBuilder.named("T").pieceLength(PIECE);
        int files = 1 + random.nextInt(8);
        for (int i = 0; i < files; i++) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            boolean mustHaveBytes = i == files - 1;
            int length = random.nextInt(4) == 0 && !mustHaveBytes ? 0 : 1 + random.nextInt(5_000);
            builder.add(List.of("dir " + i, name), new byte[length]);
        }
        return (random.nextBoolean() ? builder.aligned() : builder).build().info();
    }

    private static FileEntry fileAt(Info info, long offset) {
        return info.files().stream()
                .filter(file -> file.offset() <= offset && offset < file.end())
                .findFirst()
                .orElseThrow();
    }

    /** The components of a path, each decoded by itself. */
    private static List<String> decoded(SourceUrl url) {
        List<String> components = new ArrayList<>();
        for (String each : url.target().substring(1).split("/", -1)) {
            assertThat(each).matches("[A-Za-z0-9._~%-]*");
            components.add(URLDecoder.decode(each, StandardCharsets.UTF_8));
        }
        return components;
    }

    private static List<String> path(Info info, FileEntry file) {
        List<String> components = new ArrayList<>(List.of(info.name()));
        components.addAll(file.path());
        return components;
    }
}
