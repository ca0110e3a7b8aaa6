package io.shoal.bittorrent.metainfo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.Fuzz;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.bencode.BencodeEncoder.Encoded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetainfoTest {
    private static final byte[] INFO =
            "d6:lengthi1e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae".getBytes(ISO_8859_1);

    @Test
    void trackersComeInTheirTiersAndTheSingleOneOnlyWithoutThem() throws Exception {
        List<List<String>> tiers = List.of(List.of("http://a/ann", "udp://b:1"), List.of("https://c/ann?passkey=x"));

        assertThat(parse(Map.of("announce", "http://x/", "announce-list", tiers))
                        .trackers())
                .isEqualTo(tiers);
        assertThat(parse(Map.of("announce", "http://x/")).trackers()).containsExactly(List.of("http://x/"));
        assertThat(parse(Map.of("announce", "http://x/", "announce-list", List.of()))
                        .trackers())
                .containsExactly(List.of("http://x/"));
        assertThat(parse(Map.of()).trackers()).isEmpty();
    }

    @Test
    void unusableTrackersAreLeftOutAndNeverAnError() throws Exception {
        List<Object> odd = List.of(
                " http://a/ann ",
                "http://a/ann",
                "ftp://b/",
                "udp://b:70000",
                "http://b:0/",
                "http:///x",
                "wss://b/",
                "nonsense",
                "",
                "http://b/\n",
                "http://b/" + "x".repeat(2_048),
                5);
        Metainfo metainfo =
                parse(Map.of("announce-list", List.of(odd, "no list", List.of()), "url-list", odd, "announce", 7));

        assertThat(metainfo.trackers()).containsExactly(List.of("http://a/ann", "http://b/"));
        assertThat(metainfo.webSeeds()).containsExactly("http://a/ann", "http://b/");
        assertThat(parse(Map.of("url-list", "https://one/")).webSeeds()).containsExactly("https://one/");
        assertThat(parse(Map.of("url-list", 5, "announce-list", 5)).webSeeds()).isEmpty();
    }

    @Test
    void noMoreTrackersAndWebSeedsAreKeptThanTheLimit() throws Exception {
        List<List<String>> tiers = IntStream.range(0, 40)
                .mapToObj(i -> List.of("http://a" + i + "/", "http://b" + i + "/"))
                .toList();
        Metainfo metainfo = parse(Map.of(
                "announce-list",
                tiers,
                "url-list",
                tiers.stream().flatMap(List::stream).toList()));

        assertThat(metainfo.trackers().stream().mapToInt(List::size).sum()).isEqualTo(Limits.TRACKERS);
        assertThat(metainfo.webSeeds()).hasSize(Limits.WEB_SEEDS);
    }

    @Test
    void encodedMetainfoParsesTheSameWithIdenticalInfoBytes() throws Exception {
        // Keys out of order, and one that we know nothing of.
        byte[] odd = ("d12:piece lengthi16384e4:name1:a6:pieces20:aaaaaaaaaaaaaaaaaaaa6:lengthi1e"
                        + "6:sourcel3:\377\0xi-5edeee")
                .getBytes(ISO_8859_1);
        Metainfo metainfo = parse(Map.of(
                "info", new Encoded(odd), "announce-list", List.of(List.of("http://a/")), "url-list", "http://w/"));

        Metainfo again = Metainfo.parse(metainfo.encode());

        assertThat(metainfo.info().bytes()).isEqualTo(odd);
        assertThat(again).isEqualTo(metainfo);
        assertThat(again.info().bytes()).isEqualTo(odd);
        assertThat(new String(metainfo.encode(), ISO_8859_1)).startsWith("d8:announce9:http://a/13:announce-list");
    }

    @Test
    void otherInputsAreRefusedWithFieldAndRule() {
        refused("torrent", "<html>".getBytes(ISO_8859_1));
        refused("torrent", new byte[0]);
        refused("torrent", "le".getBytes(ISO_8859_1));
        refused("torrent", new byte[Limits.METAINFO_BYTES + 1]);
        refused("info", "de".getBytes(ISO_8859_1));
        refused("info", "d4:infoi1ee".getBytes(ISO_8859_1));
        refused("info.name", "d4:infodee".getBytes(ISO_8859_1));
        byte[] good = BencodeEncoder.encode(Map.of("info", new Encoded(INFO)));
        refused("torrent", Arrays.copyOf(good, good.length - 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n\r\n", "\0", "<br>Warning: cannot modify header", "de", "e"})
    void bytesAfterTheDictionaryAreIgnored(String after) throws Exception {
        byte[] torrent =
                ("d8:announce9:http://a/4:info" + new String(INFO, ISO_8859_1) + "e" + after).getBytes(ISO_8859_1);

        Metainfo metainfo = Metainfo.parse(torrent);

        assertThat(metainfo.trackers()).containsExactly(List.of("http://a/"));
        assertThat(metainfo.info().hash()).isEqualTo(InfoHash.ofInfo(INFO));
    }

    @Test
    void aSecondInfoIsRefusedAndAnyOtherKeyTwiceIsNot() throws Exception {
        String info = "4:info" + new String(INFO, ISO_8859_1);
        refused("torrent", ("d" + info + info + "e").getBytes(ISO_8859_1));
        assertThat(Metainfo.parse(("d7:comment0:7:comment1:x" + info + "e").getBytes(ISO_8859_1))
                        .trackers())
                .isEmpty();
    }

    @Test
    void whatItSaysAboutItselfIsReadAsFarAsItCanBeShown() throws Exception {
        assertThat(about("7:comment5: a\0b\n")).isEqualTo(new About("ab", null, null));
        assertThat(about("7:comment2:hi7:comment1:x10:created by4:prog13:creation datei1500000000e"))
                .isEqualTo(new About("hi", "prog", Instant.ofEpochSecond(1_500_000_000)));
        assertThat(about("7:comment2001:" + "x".repeat(2_001))).isEqualTo(new About("x".repeat(1_000), null, null));
        for (String nothing : List.of(
                "",
                "7:commenti1e",
                "7:comment2:\n ",
                "10:created byle",
                "13:creation date1:1",
                "13:creation datei-1e",
                "13:creation datei253402300800e")) {
            assertThat(about(nothing)).as(nothing).isEqualTo(About.NOTHING);
        }
    }

    private static About about(String fields) throws MetainfoException {
        return Metainfo.parse(("d" + fields + "4:info" + new String(INFO, ISO_8859_1) + "e").getBytes(ISO_8859_1))
                .about();
    }

    @Test
    void refusalsDoNotRepeatTheInput() {
        assertThatThrownBy(() -> Metainfo.parse("<script>alert(1)</script>".getBytes(ISO_8859_1)))
                .hasMessageNotContaining("script");
    }

    @Test
    @Timeout(30)
    void brokenTorrentsAreReadOrRefusedAndNothingElse() throws Exception {
        List<byte[]> corpus = new ArrayList<>();
        corpus.add(MetainfoBuilder.ofBytes("one", new byte[70_000])
                .trackers(List.of("http://a/announce", "udp://b:80"))
                .webSeed("http://w/")
                .makePrivate()
                .build()
                .encode());
        corpus.add(MetainfoBuilder.named("many")
                .add(List.of("d", "x"), new byte[20_000])
                .add(List.of("y"), new byte[5])
                .add(List.of("empty"), new byte[0])
                .pieceLength(16 << 10)
                .aligned()
                .build()
                .encode());
        int[] read = new int[1];
        Fuzz.mutated(20_000, corpus, input -> {
            Metainfo metainfo;
            try {
                metainfo = Metainfo.parse(input);
            } catch (MetainfoException e) {
                assertThat(e.field()).isNotEmpty();
                return;
            }
            read[0]++;
            assertThat(Metainfo.parse(metainfo.encode())).isEqualTo(metainfo);
        });
        assertThat(read[0]).as("some mutations leave a torrent").isPositive();
    }

    private static void refused(String field, byte[] torrent) {
        assertThatThrownBy(() -> Metainfo.parse(torrent))
                .isInstanceOfSatisfying(
                        MetainfoException.class, e -> assertThat(e.field()).isEqualTo(field));
    }

    private static Metainfo parse(Map<String, Object> fields) throws MetainfoException {
        Map<String, Object> root = new TreeMap<>(fields);
        root.putIfAbsent("info", new Encoded(INFO));
        return Metainfo.parse(BencodeEncoder.encode(root));
    }
}
