package io.shoal.intake.torrents;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.magnet.Magnet;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.topics.Topic;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
    /** Characters of one, two, three and four bytes, and some that JSON escapes. */
    private static final List<String> CHARACTERS = List.of("x", "ä", "€", "\ud83d\ude00", "%22");

    static Stream<Random> randoms() {
        return IntStream.range(0, 40).mapToObj(Random::new);
    }

    /** A row holds one URL a line: what has line ends would be read as something else, or not at all. */
    @ParameterizedTest
    @ValueSource(strings = {"http://a.example/\n1 http://b.example/", "http://a.example/\r", "http://a.example/\u0000"})
    void aUrlWithControlCharactersIsLeftOut(String url) {
        Sources sources = Sources.of(List.of(List.of(url, "http://c.example/")), List.of(url), List.of());
        assertThat(sources).isEqualTo(new Sources(List.of(List.of("http://c.example/")), List.of(), List.of()));
        assertThat(Sources.parse(sources.text())).isEqualTo(sources);
    }

    /** The submissions of one tenant: a magnet and then the .torrent, and another tenant's of the same pool. */
    @ParameterizedTest
    @MethodSource("randoms")
    void whateverTheParsersAcceptFitsIntoARecord(Random random) throws Exception {
        Sources merged = Sources.of(List.of(), List.of(), List.of());
        String infoHash = "";
        for (int i = 0; i < 3; i++) {
            Metainfo metainfo = Metainfo.parse(torrent(random));
            Magnet magnet = Magnet.parse(magnet(random, metainfo));
            merged = Sources.union(List.of(
                    merged,
                    Sources.of(metainfo.trackers(), metainfo.webSeeds(), List.of()),
                    Sources.of(magnet.trackers().stream().map(List::of).toList(), magnet.webSeeds(), magnet.peers())));
            infoHash = metainfo.info().hash().hex();
        }
        assertThat(bytes(merged)).isLessThanOrEqualTo(Limits.SOURCES_BYTES);

        Wanted.Priority[] files = new Wanted.Priority[Limits.FILES];
        Arrays.setAll(files, i -> i % 2 == 0 ? Wanted.Priority.SKIP : Wanted.Priority.HIGH);
        SliceRecord slice = new SliceRecord(
                1,
                new Generation(Long.MAX_VALUE),
                Long.MAX_VALUE,
                SliceRecord.Kind.SLICE,
                "k".repeat(200),
                null,
                infoHash,
                false,
                0,
                Integer.MAX_VALUE,
                Wanted.of(files),
                SliceRecord.Mode.RUN,
                merged.trackers(),
                merged.webSeeds(),
                Integer.MAX_VALUE,
                merged.peers(),
                null,
                null,
                null);
        assertThat(Json.write(slice).length).isLessThanOrEqualTo(Topic.RECORD_BYTES);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void trackersComeFirstAndWhatDoesNotFitIsLeftOut(int times) {
        String long1 = "http://a/" + "€".repeat(30_000);
        String long2 = "http://b/" + "€".repeat(30_000);
        Sources all = new Sources(List.of(List.of(long1, "http://c/")), List.of(long2), List.of("1.2.3.4:5"));
        assertThat(Sources.union(IntStream.range(0, times).mapToObj(i -> all).toList()))
                .isEqualTo(new Sources(List.of(List.of(long1, "http://c/")), List.of(), List.of("1.2.3.4:5")));
    }

    @Test
    void oneTenantsSourcesDoNotKeepThoseOfOthersOut() {
        Sources greedy = Sources.of(urls("http://greedy.example/", 100), List.of(), List.of());
        Sources modest = Sources.of(urls("http://modest.example/", 3), List.of("http://seed.example/"), List.of());
        Sources united = Sources.fairUnion(List.of(greedy, modest));
        assertThat(united.trackers()).hasSize(Limits.TRACKERS).containsAll(modest.trackers());
        assertThat(united.webSeeds()).isEqualTo(modest.webSeeds());
        assertThat(Sources.fairUnion(List.of(greedy))).isEqualTo(greedy);

        String path = "x".repeat(Limits.URL_BYTES - 40);
        Sources large = Sources.of(urls("http://large.example/" + path, Limits.TRACKERS), List.of(), List.of());
        assertThat(Sources.fairUnion(List.of(large, modest)).trackers()).containsAll(modest.trackers());
    }

    private static List<List<String>> urls(String start, int count) {
        return IntStream.range(0, count).mapToObj(i -> List.of(start + i)).toList();
    }

    private static int bytes(Sources sources) {
        return Stream.of(
                        sources.trackers().stream().flatMap(List::stream),
                        sources.webSeeds().stream(),
                        sources.peers().stream())
                .flatMap(each -> each)
                .mapToInt(each -> each.getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    private static byte[] torrent(Random random) throws Exception {
        Metainfo metainfo = MetainfoBuilder.ofBytes("name", new byte[] {(byte) random.nextInt()})
                .build();
        Map<String, Object> root = new TreeMap<>();
        root.put("info", new BencodeEncoder.Encoded(metainfo.info().bytes()));
        root.put(
                "announce-list",
                IntStream.range(0, 100).mapToObj(i -> List.of(url(random))).toList());
        root.put("url-list", IntStream.range(0, 40).mapToObj(i -> url(random)).toList());
        return BencodeEncoder.encode(root);
    }

    private static String magnet(Random random, Metainfo metainfo) {
        List<String> parts =
                new ArrayList<>(List.of("xt=urn:btih:" + metainfo.info().hash().hex()));
        int chars = 100;
        while (chars < Limits.MAGNET_CHARS - 2_000) {
            String peer =
                    "x.pe=" + URLEncoder.encode("h\"".repeat(120) + random.nextInt() + ":6881", StandardCharsets.UTF_8);
            parts.add(peer);
            chars += peer.length() + 1;
        }
        return "magnet:?" + String.join("&", parts);
    }

    /** Mostly as long as the limit on characters allows. */
    private static String url(Random random) {
        String character = CHARACTERS.get(random.nextInt(CHARACTERS.size()));
        String head = "http://" + random.nextInt(1_000_000) + ".example/";
        int length = random.nextInt(10) == 0 ? random.nextInt(3_000) : Limits.URL_BYTES - head.length();
        return head + character.repeat(length / character.length());
    }
}
