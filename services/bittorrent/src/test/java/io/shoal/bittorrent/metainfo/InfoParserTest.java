package io.shoal.bittorrent.metainfo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.Fuzz;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.PieceIndex;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.metainfo.TreeInfoParser.Parsed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The parser that builds no tree accepts and rejects the same inputs as one that does. */
class InfoParserTest {
    private static final String HASH = "a".repeat(20);

    @Test
    @Timeout(60)
    void itAgreesWithAParserOfTrees() {
        List<byte[]> corpus = new ArrayList<>();
        corpus.add(bytes("d6:lengthi1e4:name1:a12:piece lengthi16384e6:pieces20:" + HASH + "e"));
        corpus.add(
                bytes("d12:piece lengthi16384e4:name1:a6:pieces20:" + HASH + "6:lengthi1e6:sourcel3:\377\0xi-5edeee"));
        corpus.add(
                bytes("d5:filesld6:lengthi5e4:pathl1:d1:xeed4:attr1:p6:lengthi7e4:pathl4:.padeed6:lengthi0e4:pathl1:y"
                        + "e10:path.utf-8l2:\303\266eee4:name1:n10:name.utf-82:\303\2664:dictd1:b0:1:al1:cee12:piece lengthi16384e"
                        + "6:pieces20:" + HASH + "7:privatei1ee"));
        int[] accepted = new int[1];
        Fuzz.mutated(40_000, corpus, input -> accepted[0] += agree(input) ? 1 : 0);
        assertThat(accepted[0]).as("some mutations leave an info dictionary").isGreaterThan(300);
        corpus.forEach(input -> assertThat(agree(input)).isTrue());
    }

    /** Whether both accept {@code input}. */
    private static boolean agree(byte[] input) {
        Parsed expected;
        try {
            expected = new TreeInfoParser(input).parse();
        } catch (MetainfoException e) {
            assertThatThrownBy(() -> new InfoParser(input).parse())
                    .isInstanceOfSatisfying(MetainfoException.class, actual -> {
                        // The tree has lost duplicate keys, and so may find another fault.
                        if (!actual.rule().contains("duplicate key")) {
                            assertThat(actual.field()).isEqualTo(e.field());
                            assertThat(actual.rule()).isEqualTo(e.rule());
                        }
                    });
            return false;
        }
        Info actual;
        try {
            actual = new InfoParser(input).parse();
        } catch (MetainfoException e) {
            assertThat(e.rule()).contains("a duplicate key");
            return false;
        }
        assertThat(actual.name()).isEqualTo(expected.name());
        assertThat(actual.pieces()).isEqualTo(expected.pieces());
        assertThat(actual.files()).isEqualTo(expected.files());
        assertThat(actual.files().compacted()).isEqualTo(expected.files());
        assertThat(actual.singleFile()).isEqualTo(expected.single());
        assertThat(actual.isPrivate()).isEqualTo(expected.isPrivate());
        for (int piece = 0; piece < actual.pieces().count(); piece++) {
            byte[] hash = Arrays.copyOfRange(expected.hashes().bytes(), piece * 20, piece * 20 + 20);
            assertThat(actual.verifies(new PieceIndex(piece), hash)).isTrue();
        }
        return true;
    }

    @Test
    void aKeyThatIsReadMustNotBeThereTwice() {
        String rest = "12:piece lengthi16384e6:pieces20:" + HASH;
        refusedAsDuplicate("info", "d6:lengthi1e4:name1:a" + rest + "4:name1:be");
        refusedAsDuplicate(
                "info.files[1]",
                "d5:filesld6:lengthi1e4:pathl1:aeed6:lengthi1e4:pathl1:be4:pathl1:ceee4:name1:a" + rest + "e");
    }

    private static void refusedAsDuplicate(String field, String info) {
        assertThatThrownBy(() -> Info.parse(bytes(info))).isInstanceOfSatisfying(MetainfoException.class, e -> {
            assertThat(e.field()).isEqualTo(field);
            assertThat(e.rule()).contains("a duplicate key at byte");
        });
    }

    @Test
    void aKeyThatIsNotReadMayBeThereTwice() throws Exception {
        byte[] info = bytes("d6:lengthi1e4:name1:a12:piece lengthi16384e6:pieces20:" + HASH
                + "1:xd1:c0:1:b0:1:b0:e1:x0:6:sourcelee");

        Info parsed = Info.parse(info);

        assertThat(parsed.name()).isEqualTo("a");
        assertThat(parsed.hash()).isEqualTo(InfoHash.ofInfo(info));
    }

    @Test
    void filesWinOverALengthBesideThem() throws Exception {
        Info info = Info.parse(bytes("d5:filesld6:lengthi5e4:pathl1:deee6:lengthi0e4:name1:a12:piece lengthi16384e"
                + "6:pieces20:" + HASH + "e"));

        assertThat(info.singleFile()).isFalse();
        assertThat(info.pieces().total()).isEqualTo(5);
    }

    @Test
    void theInfoHashStandsForAnEmptyName() throws Exception {
        Info info = Info.parse(bytes("d6:lengthi1e4:name0:12:piece lengthi8192e6:pieces20:" + HASH + "e"));

        assertThat(info.name()).isEqualTo(info.hash().hex());
        assertThat(info.files().getFirst().path()).containsExactly(info.hash().hex());
    }

    @ParameterizedTest
    @CsvSource({
        "i1e,true",
        "i2e,true",
        "i-1e,true",
        "1:1,true",
        "3:yes,true",
        "i0e,false",
        "1:0,false",
        "0:,false",
        "le,false"
    })
    void anyPrivateButZeroIsPrivate(String value, boolean expected) throws Exception {
        Info info = Info.parse(
                bytes("d6:lengthi1e4:name1:a12:piece lengthi16384e6:pieces20:" + HASH + "7:private" + value + "e"));

        assertThat(info.isPrivate()).isEqualTo(expected);
    }

    @Test
    void aLongUtf8NameIsCheckedByItsLengthAndAMalformedOneIgnored() throws Exception {
        Map<String, Object> info =
                new TreeMap<>(Map.of("name", "a", "piece length", 16 << 10, "length", 1, "pieces", new byte[20]));
        info.put("name.utf-8", "ä".repeat(100_000));
        assertThatThrownBy(() -> Info.parse(BencodeEncoder.encode(info)))
                .hasMessage("info.name: must not be longer than 4096 bytes");
        byte[] malformed = "ä".repeat(100_000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        malformed[malformed.length - 1] = 'x';
        info.put("name.utf-8", malformed);
        assertThat(Info.parse(BencodeEncoder.encode(info)).name()).isEqualTo("a");
    }

    @Test
    void inputsThatTheTreeRefusesForTheirWeightAreRefusedToo() {
        String many = "d1:xl" + "0:".repeat(Limits.BENCODE_VALUES) + "ee";
        assertThatThrownBy(() -> Info.parse(bytes(many))).hasMessageContaining("more than 4000000 values");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
