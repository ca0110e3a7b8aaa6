package io.shoal.bittorrent.metainfo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.Fuzz;
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
                        assertThat(actual.field()).isEqualTo(e.field());
                        // Of two faults, one of them a duplicate among keys out of order, either is named.
                        if (!e.rule().contains("duplicate key")) {
                            assertThat(actual.rule()).isEqualTo(e.rule());
                        }
                    });
            return false;
        }
        Info actual;
        try {
            actual = new InfoParser(input).parse();
        } catch (MetainfoException e) {
            throw new AssertionError("refused", e);
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
    void aDuplicateKeyIsFoundHoweverFarApartAndHoweverDeep() {
        String rest = "12:piece lengthi16384e6:pieces20:" + HASH;
        refusedAsDuplicate("d6:lengthi1e4:name1:a" + rest + "4:name1:be");
        refusedAsDuplicate("d6:lengthi1e4:name1:a" + rest + "1:xd1:c0:1:b0:1:a0:1:b0:ee");
        refusedAsDuplicate("d6:lengthi1e4:name1:a" + rest + "1:xld1:z0:1:yd1:a0:1:a0:eeee");
    }

    private static void refusedAsDuplicate(String info) {
        assertThatThrownBy(() -> Info.parse(bytes(info)))
                .isInstanceOf(MetainfoException.class)
                .hasMessageContaining("a duplicate key at byte");
        assertThatThrownBy(() -> new TreeInfoParser(bytes(info)).parse()).hasMessageContaining("a duplicate key");
    }

    @Test
    @Timeout(30)
    void manyKeysOutOfOrderAreComparedQuickly() throws Exception {
        StringBuilder info =
                new StringBuilder("d6:lengthi1e4:name1:a12:piece lengthi16384e6:pieces20:" + HASH + "1:xd");
        for (int i = 200_000; i > 0; i--) {
            info.append("7:").append("%07d".formatted(i * 7_919L % 1_000_003)).append("0:");
        }
        assertThat(Info.parse(bytes(info + "ee")).name()).isEqualTo("a");
        assertThatThrownBy(() -> Info.parse(bytes(info + "7:00079190:ee"))).hasMessageContaining("a duplicate key");
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
