package io.shoal.bittorrent.paths;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.Fuzz;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CleanPathTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "film.mkv|film.mkv",
                "Ünï cödé 日本 🎬.mkv|Ünï cödé 日本 🎬.mkv",
                ".bashrc|.bashrc",
                "a/b|a_b",
                "a\\b|a_b",
                "a:b*c?d\"e<f>g|a_b_c_d_e_f_g",
                "..|_",
                ".|_",
                "...|_",
                "``|_",
                "`   `|_",
                "` x . . `|x",
                "x.|x",
                "con|_con",
                "CON.txt|_CON.txt",
                "com1.tar.gz|_com1.tar.gz",
                "COM¹|_COM¹",
                "nul .txt|_nul .txt",
                "console|console",
                "com10|com10",
                "lpt|lpt",
            })
    void aNameIsFitForEveryFileSystem(String raw, String clean) {
        assertThat(CleanPath.name(raw)).isEqualTo(clean);
        assertThat(CleanPath.name(clean)).isEqualTo(clean);
    }

    @Test
    void invisibleCharactersAreRemoved() {
        assertThat(CleanPath.name("a\0b\nc\u007fd\u0085e\u2028f")).isEqualTo("a_b_c_d_e_f");
        assertThat(CleanPath.name("exe.\u202egpj.txt")).as("written backwards").isEqualTo("exe.gpj.txt");
        assertThat(CleanPath.name("\u2066a\u2069\u200f\ufeff\u200bb")).isEqualTo("ab");
        assertThat(CleanPath.name("x\ud800y")).as("half a character").isEqualTo("x_y");
        assertThat(CleanPath.name("👩\u200d👩\u200d👧")).as("one sign").isEqualTo("👩\u200d👩\u200d👧");
        assertThat(CleanPath.name("e\u0301")).as("composed").isEqualTo("é");
    }

    @Test
    void aLongNameIsCutBetweenCharactersAndKeepsItsExtension() {
        assertThat(CleanPath.name("a".repeat(255))).hasSize(255);
        assertThat(CleanPath.name("a".repeat(256) + ".mkv")).isEqualTo("a".repeat(251) + ".mkv");
        assertThat(CleanPath.name("日".repeat(100))).isEqualTo("日".repeat(85));
        assertThat(CleanPath.name("🎬".repeat(100) + ".mkv")).isEqualTo("🎬".repeat(62) + ".mkv");
        assertThat(CleanPath.name("a." + "b".repeat(300))).hasSize(255);
        assertThat(CleanPath.name("a".repeat(254) + " b")).isEqualTo("a".repeat(254));
    }

    @Test
    void aPathGoesDownOnly() throws Exception {
        assertThat(paths("root", List.of(List.of("..", "..", "etc", "passwd"), List.of("", "a", ".", "/b"))))
                .containsExactly("root/_/_/etc/passwd", "root/a/_b");
        assertThat(paths("../x", List.of(List.of("a")))).containsExactly(".._x/a");
        assertThat(paths("t", List.of(List.of("", ".", "")))).containsExactly("t/_");
    }

    @Test
    void aSingleFileHasNoFolder() throws Exception {
        assertThat(CleanPath.of(single("a/b"))).extracting(CleanPath::toString).containsExactly("a_b");
    }

    @Test
    void twoFilesNeverShareAPlace() throws Exception {
        assertThat(paths(
                        "t",
                        List.of(
                                List.of("a.txt"),
                                List.of("A.TXT"),
                                List.of("a.txt "),
                                List.of("a (2).txt"),
                                List.of("d"),
                                List.of("d", "x"),
                                List.of("D", "X"),
                                List.of("noext"),
                                List.of("noext"))))
                .containsExactly(
                        "t/a.txt",
                        "t/A (2).TXT",
                        "t/a (3).txt",
                        "t/a (2) (2).txt",
                        "t/d (2)",
                        "t/d/x",
                        "t/D/X (2)",
                        "t/noext",
                        "t/noext (2)");
    }

    @Test
    @Timeout(20)
    void aHundredThousandFilesOfOneNameAreNumberedQuickly() throws Exception {
        List<List<String>> same = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            same.add(List.of("x".repeat(300)));
        }
        List<String> paths = paths("t", same);

        assertThat(new HashSet<>(paths)).hasSize(100_000);
        assertThat(paths.getLast()).endsWith("x (100000)").hasSize(2 + 255);
    }

    @Test
    @Timeout(30)
    void everyNameHasACleanPathOfItsOwn() throws Exception {
        List<byte[]> corpus = List.of(
                "a.txt".getBytes(UTF_8),
                "../con".getBytes(UTF_8),
                "\u202eé. ".getBytes(UTF_8),
                "x".repeat(250).getBytes(UTF_8));
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            List<List<String>> files = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                List<String> path = new ArrayList<>();
                for (int depth = random.nextInt(3); depth >= 0; depth--) {
                    path.add(new String(Fuzz.mutate(random, corpus.get(random.nextInt(corpus.size()))), UTF_8));
                }
                files.add(path);
            }
            Set<String> seen = new HashSet<>();
            List<String> paths = paths("t", files);
            for (String path : paths) {
                assertThat(seen.add(path.toLowerCase(Locale.ROOT)))
                        .as("seed %d: %s", seed, path)
                        .isTrue();
                for (String component : path.split("/", -1)) {
                    assertThat(CleanPath.name(component)).as("seed %d", seed).isEqualTo(component);
                    assertThat(component.getBytes(UTF_8)).hasSizeBetween(1, 255);
                }
                assertThat(Path.of("/base").resolve(path).normalize()).startsWithRaw(Path.of("/base/t"));
            }
            for (String path : paths) {
                assertThat(seen)
                        .as("seed %d", seed)
                        .noneMatch(other -> other.startsWith(path.toLowerCase(Locale.ROOT) + "/"));
            }
        }
    }

    @Test
    void aPathIsMadeOfCleanNamesOnly() {
        assertThatThrownBy(() -> new CleanPath(List.of("a/b"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CleanPath(List.of(".."))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CleanPath(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThat(new CleanPath(List.of("a", "b")).name()).isEqualTo("b");
    }

    private static Info single(String name) throws MetainfoException {
        return Info.parse(BencodeEncoder.encode(
                Map.of("name", name, "length", 1, "piece length", 16 << 10, "pieces", new byte[20])));
    }

    private static List<String> paths(String name, List<List<String>> files) throws MetainfoException {
        List<Object> listed = new ArrayList<>();
        for (List<String> path : files) {
            listed.add(Map.of("length", listed.isEmpty() ? 1 : 0, "path", path));
        }
        Info info = Info.parse(BencodeEncoder.encode(
                Map.of("name", name, "files", listed, "piece length", 16 << 10, "pieces", new byte[20])));
        return CleanPath.of(info).stream().map(CleanPath::toString).toList();
    }
}
