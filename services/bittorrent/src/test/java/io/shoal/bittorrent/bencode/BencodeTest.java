package io.shoal.bittorrent.bencode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.Fuzz;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import io.shoal.bittorrent.bencode.BValue.BList;
import io.shoal.bittorrent.bencode.BValue.BString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BencodeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "i0e",
                "i-1e",
                "i9223372036854775807e",
                "i-9223372036854775808e",
                "0:",
                "4:spam",
                "le",
                "de",
                "l4:spami42ee",
                "d1:ai1e1:bld0:0:eee",
            })
    void wellFormedInputIsReadAndWrittenBackTheSame(String text) throws Exception {
        byte[] bytes = text.getBytes(ISO_8859_1);

        assertThat(BencodeEncoder.encode(BencodeDecoder.decode(bytes))).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|the input ends too early|0",
                "i|the input ends too early|1",
                "ie|a number without digits|1",
                "i-e|a number without digits|2",
                "i-0e|minus zero|3",
                "i00e|a leading zero|2",
                "i01e|a leading zero|2",
                "i-01e|a leading zero|3",
                "i1.5e|not a digit|2",
                "i+1e|not a digit|1",
                "i 1e|not a digit|1",
                "i9223372036854775808e|a number over 64 bits|20",
                "i-9223372036854775809e|a number over 64 bits|20",
                "i99999999999999999999999999e|a number over 64 bits|19",
                "4:spa|a string longer than the input|0",
                "99999999999:a|a string longer than the input|0",
                "04:spam|a leading zero|1",
                "-1:a|no value begins with this byte|0",
                "4spam|not a digit|1",
                "l|the input ends too early|1",
                "li1e|the input ends too early|4",
                "d|the input ends too early|1",
                "di1ei2ee|a key that is no string|1",
                "d1:ae|no value begins with this byte|4",
                "x|no value begins with this byte|0",
                "e|no value begins with this byte|0",
                "i1ei2e|bytes after the value|3",
            })
    void malformedInputIsRefusedWithRuleAndOffset(String text, String rule, int offset) {
        assertThatThrownBy(() -> BencodeDecoder.decode(text.getBytes(ISO_8859_1)))
                .isInstanceOfSatisfying(BencodeException.class, e -> {
                    assertThat(e).hasMessage(rule + " at byte " + offset);
                    assertThat(e.offset()).isEqualTo(offset);
                });
    }

    @Test
    void aDictionaryKnowsWhereItStandsAndItsKeysAreAnyBytes() throws Exception {
        byte[] bytes = "d4:infod1:\377i1ee1:z1:xe".getBytes(ISO_8859_1);

        BDictionary root = BencodeDecoder.decodeLeadingDictionary(bytes);
        BDictionary info = root.dictionary("info");

        assertThat(info).isNotNull();
        assertThat(new String(bytes, info.start(), info.end() - info.start(), ISO_8859_1))
                .isEqualTo("d1:\377i1ee");
        assertThat(info.integer("\377")).isEqualTo(new BInteger(1));
        assertThat(root.string("z")).isEqualTo(BString.of("x"));
        assertThat(root.string("info")).isNull();
        assertThat(root.list("z")).isNull();
        assertThat(root.get("missing")).isNull();
    }

    @Test
    void keysInAnyOrderAreReadAndKeepIt() throws Exception {
        byte[] unsorted = "d1:b0:1:a0:e".getBytes(ISO_8859_1);

        assertThat(BencodeEncoder.encode(BencodeDecoder.decode(unsorted))).isEqualTo(unsorted);
        assertThat(BencodeEncoder.encode(Map.of("b", "", "a", "")))
                .asString(ISO_8859_1)
                .isEqualTo("d1:a0:1:b0:e");
    }

    @Test
    void bytesMayFollowALeadingDictionary() throws Exception {
        byte[] message = "d8:msg_typei1eeBYTES".getBytes(ISO_8859_1);

        assertThat(BencodeDecoder.decodeLeadingDictionary(message).end()).isEqualTo(message.length - 5);
        assertThatThrownBy(() -> BencodeDecoder.decodeLeadingDictionary("le".getBytes(ISO_8859_1)))
                .isInstanceOf(BencodeException.class);
    }

    @Test
    void ofDuplicateKeysTheFirstCounts() throws Exception {
        BDictionary dictionary = BencodeDecoder.decodeLeadingDictionary("d1:ai1e1:b0:1:ai2ee".getBytes(ISO_8859_1));

        assertThat(dictionary.integer("a")).isEqualTo(new BInteger(1));
        assertThat(dictionary.end()).isEqualTo(19);
    }

    @Test
    void depthIsBounded() throws Exception {
        int deepest = Limits.BENCODE_DEPTH + 1;
        assertThat(BencodeDecoder.decode(nested(deepest))).isInstanceOf(BList.class);
        assertThatThrownBy(() -> BencodeDecoder.decode(nested(deepest + 1))).hasMessageContaining("nested deeper");
        assertThatThrownBy(() -> BencodeDecoder.decode("l".repeat(1_000_000).getBytes(ISO_8859_1)))
                .hasMessageContaining("nested deeper");
    }

    @Test
    @Timeout(20)
    void theNumberOfValuesIsBoundedAndSoIsTheirMemory() throws Exception {
        byte[] most = new byte[Limits.BENCODE_VALUES * 2];
        Arrays.fill(most, (byte) 'e');
        most[0] = 'l';
        for (int i = 1; i < most.length - 1; i += 2) {
            most[i] = 'l';
        }
        assertThat(((BList) BencodeDecoder.decode(most)).values()).hasSize(Limits.BENCODE_VALUES - 1);
        assertThatThrownBy(() ->
                        BencodeDecoder.decode(("l" + "le".repeat(Limits.BENCODE_VALUES) + "e").getBytes(ISO_8859_1)))
                .hasMessageContaining("values");
        String dictionary = "d0:lee";
        assertThatThrownBy(() -> BencodeDecoder.decode(("l" + dictionary.repeat(1_000_000) + "e").getBytes(ISO_8859_1)))
                .hasMessageContaining("values");
    }

    @Test
    void encodedValuesDecodeTheSame() throws Exception {
        for (int seed = 0; seed < 2_000; seed++) {
            byte[] bytes = BencodeEncoder.encode(random(new Random(seed), 0));
            assertThat(BencodeEncoder.encode(BencodeDecoder.decode(bytes)))
                    .as("seed %d", seed)
                    .isEqualTo(bytes);
        }
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] bytes = BencodeEncoder.encode(Map.of("list", List.of("spam", -42L), "map", Map.of("k", "v")));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> BencodeDecoder.decode(cut)).isInstanceOf(BencodeException.class);
        }
    }

    @Test
    @Timeout(30)
    void brokenInputIsReadOrRefusedAndNothingElse() {
        List<byte[]> corpus = new ArrayList<>();
        for (int seed = 0; seed < 50; seed++) {
            corpus.add(BencodeEncoder.encode(random(new Random(seed), 0)));
        }
        Fuzz.mutated(20_000, corpus, input -> {
            BValue value;
            try {
                value = BencodeDecoder.decode(input);
            } catch (BencodeException e) {
                assertThat(e.offset()).isBetween(0, input.length);
                return;
            }
            byte[] again = BencodeEncoder.encode(value);
            if (again.length == input.length) {
                assertThat(again).isEqualTo(input);
            } else {
                assertThat(again).as("without duplicate keys").hasSizeLessThan(input.length);
            }
        });
    }

    @Test
    void aByteStringIsEqualByItsBytesAndKnowsWhetherItIsUtf8() {
        byte[] input = "xspamx".getBytes(ISO_8859_1);

        assertThat(new BString(input, 1, 4)).isEqualTo(BString.of("spam")).hasSameHashCodeAs(BString.of("spam"));
        assertThat(new BString(input, 1, 4)).isNotEqualTo(BString.of("spa"));
        assertThat(BString.of("é").isUtf8()).isTrue();
        assertThat(BString.of(new byte[] {(byte) 0xe9}).isUtf8()).isFalse();
        assertThat(BString.of(new byte[] {(byte) 0xe9}).text()).isEqualTo("\ufffd");
    }

    @Test
    void theEncoderKnowsNoOtherTypes() {
        assertThatThrownBy(() -> BencodeEncoder.encode(1.5)).isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] nested(int depth) {
        return ("l".repeat(depth) + "e".repeat(depth)).getBytes(ISO_8859_1);
    }

    private static Object random(Random random, int depth) {
        return switch (random.nextInt(depth < 4 ? 5 : 2)) {
            case 0 -> random.nextLong() >> random.nextInt(64);
            case 1, 2 -> {
                byte[] bytes = new byte[random.nextInt(12)];
                random.nextBytes(bytes);
                yield bytes;
            }
            case 3 -> {
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    list.add(random(random, depth + 1));
                }
                yield list;
            }
            default -> {
                Map<String, Object> map = new TreeMap<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    map.put("k" + (char) random.nextInt(256), random(random, depth + 1));
                }
                yield map;
            }
        };
    }
}
