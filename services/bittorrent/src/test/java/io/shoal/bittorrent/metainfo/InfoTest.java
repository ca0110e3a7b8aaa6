package io.shoal.bittorrent.metainfo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.PieceIndex;
import io.shoal.bittorrent.Sha1;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each rule of an info dictionary, by the name of its field. */
class InfoTest {
    private static final int PIECE = 32 << 10;

    @Test
    void aSingleFileIsNamedAsTheTorrent() throws Exception {
        Info info = parse(single());

        assertThat(info.name()).isEqualTo("a");
        assertThat(info.singleFile()).isTrue();
        assertThat(info.isPrivate()).isFalse();
        assertThat(info.pieces()).isEqualTo(new Pieces(100, PIECE));
        assertThat(info.files()).containsExactly(new FileEntry(new FileIndex(0), List.of("a"), 0, 100, false));
    }

    @Test
    void severalFilesFollowOneAnotherPadsAndEmptyOnesIncluded() throws Exception {
        Info info = parse(multi(file(100, "x"), pad(PIECE - 100), file(0, "empty"), file(7, "d", "y")));

        assertThat(info.singleFile()).isFalse();
        assertThat(info.files()).extracting(FileEntry::offset).containsExactly(0L, 100L, (long) PIECE, (long) PIECE);
        assertThat(info.files()).extracting(FileEntry::pad).containsExactly(false, true, false, false);
        assertThat(info.files().get(3).path()).containsExactly("d", "y");
        assertThat(info.pieces().count()).isEqualTo(2);
    }

    @Test
    void aHybridTorrentIsReadByItsFirstVersion() throws Exception {
        Info info = parse(with(multi(file(100, "x")), i -> {
            i.put("meta version", 2);
            i.put("file tree", Map.of("x", Map.of("", Map.of("length", 100, "pieces root", new byte[32]))));
        }));

        assertThat(info.files()).hasSize(1);
    }

    @Test
    void aV2OnlyTorrentIsRefusedWithTheReason() {
        Map<String, Object> info = single();
        info.remove("length");
        info.remove("pieces");
        info.put("meta version", 2);
        info.put("file tree", Map.of("a", Map.of("", Map.of("length", 100, "pieces root", new byte[32]))));

        assertThatThrownBy(() -> parse(info))
                .isInstanceOfSatisfying(
                        MetainfoException.class, e -> assertThat(e.rule()).contains("version 2"));
    }

    @Test
    void theHashIsOfTheBytesAsTheyCameHoweverTheKeysStand() throws Exception {
        byte[] sorted = BencodeEncoder.encode(single());
        String text = new String(sorted, ISO_8859_1);
        byte[] unsorted = ("d4:name1:a" + text.substring(1).replace("4:name1:a", "")).getBytes(ISO_8859_1);

        assertThat(Info.parse(unsorted).hash())
                .isEqualTo(InfoHash.of(Sha1.of(unsorted)))
                .isNotEqualTo(Info.parse(sorted).hash());
        assertThat(Info.parse(unsorted).bytes()).isEqualTo(unsorted);
    }

    @Test
    void laterChangesOfTheCallersBytesHaveNoEffect() throws Exception {
        byte[] bytes = BencodeEncoder.encode(single());
        Info info = Info.parse(bytes);
        bytes[5] = 'X';
        info.bytes()[5] = 'Y';

        assertThat(info.bytes()).isEqualTo(BencodeEncoder.encode(single()));
    }

    @Test
    void aPieceIsVerifiedByItsOwnHash() throws Exception {
        byte[] hashes = new byte[40];
        hashes[25] = 9;
        Info info = parse(with(single(), i -> {
            i.put("length", PIECE + 1);
            i.put("pieces", hashes);
        }));
        byte[] second = new byte[20];
        second[5] = 9;

        assertThat(info.verifies(new PieceIndex(0), new byte[20])).isTrue();
        assertThat(info.verifies(new PieceIndex(1), new byte[20])).isFalse();
        assertThat(info.verifies(new PieceIndex(1), second)).isTrue();
        assertThat(info.verifies(new PieceIndex(1), new byte[19])).isFalse();
        assertThat(info.verifies(new PieceIndex(1), new byte[0])).isFalse();
    }

    @Test
    void theUtf8FormsOfNamesComeFirst() throws Exception {
        Info info = parse(with(single(), i -> i.put("name.utf-8", "ä")));
        assertThat(info.name()).isEqualTo("ä");
        assertThat(parse(with(single(), i -> i.put("name.utf-8", new byte[] {(byte) 0xff})))
                        .name())
                .isEqualTo("a");
        assertThat(parse(with(single(), i -> i.put("name", new byte[] {'a', (byte) 0xff})))
                        .name())
                .isEqualTo("a\ufffd");

        Map<String, Object> file = file(1, "plain");
        file.put("path.utf-8", List.of("ö"));
        assertThat(parse(multi(file)).files().getFirst().path()).containsExactly("ö");
    }

    @Test
    void aPieceNeedNotBeAPowerOfTwo() throws Exception {
        assertThat(parse(with(single(), i -> i.put("piece length", 99_999)))
                        .pieces()
                        .pieceLength())
                .isEqualTo(99_999);
    }

    @Test
    void everyRuleNamesItsField() {
        refused("info.name", single(), i -> i.remove("name"));
        refused("info.name", single(), i -> i.put("name", 1));
        refused("info.name", single(), i -> i.put("name", "a".repeat(4_097)));
        refused("info.piece length", single(), i -> i.remove("piece length"));
        refused("info.piece length", single(), i -> i.put("piece length", 0));
        refused("info.piece length", single(), i -> i.put("piece length", -1));
        refused("info.piece length", single(), i -> i.put("piece length", (1 << 10) - 1));
        refused("info.piece length", single(), i -> i.put("piece length", (128 << 20) + 1));
        refused("info.piece length", single(), i -> i.put("piece length", 1L << 32 | PIECE));
        refused("info.pieces", single(), i -> i.remove("pieces"));
        refused("info.pieces", single(), i -> i.put("pieces", List.of()));
        refused("info.pieces", single(), i -> i.put("pieces", new byte[19]));
        refused("info.pieces", single(), i -> i.put("pieces", new byte[0]));
        refused("info.pieces", single(), i -> i.put("pieces", new byte[40]));
        refused("info.length", single(), i -> i.remove("length"));
        refused("info.length", single(), i -> i.put("length", -1));
        refused("info.length", single(), i -> i.put("length", (16L << 40) + 1));
        refused("info", single(), i -> i.put("length", 0));
        refused("info.files", multi(file(1, "x")), i -> i.put("files", "x"));
        refused("info.files", multi(file(1, "x")), i -> i.put("files", List.of()));
        refused("info.files[1]", multi(file(1, "x")), i -> i.put("files", List.of(file(1, "x"), 5)));
        refused("info.files[0].length", multi(file(-1, "x")), i -> {});
        refused("info.files[1].length", multi(file(1, "x"), file(Long.MAX_VALUE, "y")), i -> {});
        refused("info.files[1].length", multi(file(8L << 40, "x"), file((8L << 40) + 1, "y")), i -> {});
        refused("info.files[0].path", multi(file(1)), i -> {});
        refused("info.files[0].path", multi(new TreeMap<>(Map.of("length", 1))), i -> {});
        refused("info.files[0].path", multi(new TreeMap<>(Map.of("length", 1, "path", List.of(1)))), i -> {});
        refused("info.files[0].path", multi(new TreeMap<>(Map.of("length", 1, "path", "x"))), i -> {});
        refused("info.files[0].path", multi(file(1, "x".repeat(4_097))), i -> {});
        refused("info.files[0].path", multi(file(1, "x/".repeat(65).split("/"))), i -> {});
        refused("info", multi(file(0, "x")), i -> {});
    }

    @Test
    void onlyADictionaryIsAnInfo() {
        for (String text : new String[] {"", "le", "d", "i1e", "d1:ae"}) {
            assertThatThrownBy(() -> Info.parse(text.getBytes(ISO_8859_1)))
                    .isInstanceOfSatisfying(
                            MetainfoException.class, e -> assertThat(e.field()).isEqualTo("info"));
        }
    }

    @Test
    @Timeout(20)
    void theLimitsOfSizeHoldAndInputsJustBelowAreReadQuickly() throws Exception {
        assertThatThrownBy(() -> Info.parse(new byte[Limits.INFO_BYTES + 1])).hasMessageContaining("32 MiB");

        List<Object> files = new ArrayList<>();
        for (int i = 0; i < Limits.FILES; i++) {
            files.add(file(
                    16_384, "a folder with a name", "another folder", "a file with a longer name %06d".formatted(i)));
        }
        Map<String, Object> info = with(single(), i -> {
            i.remove("length");
            i.put("files", files);
            i.put("piece length", 16 << 10);
            i.put("pieces", new byte[Limits.FILES * 20]);
        });
        assertThat(parse(info).files()).hasSize(Limits.FILES);
        files.add(file(0, "one too many"));
        assertThatThrownBy(() -> parse(info)).hasMessageContaining("info.files: must not be more than 100000");

        Map<String, Object> pieces = with(single(), i -> {
            i.put("length", (long) PIECE * 1_500_000);
            i.put("pieces", new byte[30_000_000]);
        });
        assertThat(parse(pieces).pieces().count()).isEqualTo(1_500_000);
    }

    private static void refused(String field, Map<String, Object> info, Consumer<Map<String, Object>> change) {
        assertThatThrownBy(() -> parse(with(info, change)))
                .as(field)
                .isInstanceOfSatisfying(MetainfoException.class, e -> {
                    assertThat(e.field()).isEqualTo(field);
                    assertThat(e).hasMessage(field + ": " + e.rule());
                });
    }

    private static Info parse(Map<String, Object> info) throws MetainfoException {
        return Info.parse(BencodeEncoder.encode(info));
    }

    private static Map<String, Object> with(Map<String, Object> info, Consumer<Map<String, Object>> change) {
        change.accept(info);
        return info;
    }

    private static Map<String, Object> single() {
        return new TreeMap<>(Map.of("name", "a", "piece length", PIECE, "length", 100, "pieces", new byte[20]));
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    private static Map<String, Object> multi(Map<String, Object>... files) {
        long total = 0;
        for (Map<String, Object> file : files) {
            total += ((Number) file.getOrDefault("length", 0)).longValue();
        }
        int pieces = total > 0 && total < 1L << 30 ? (int) ((total + PIECE - 1) / PIECE) : 1;
        Map<String, Object> info = single();
        info.remove("length");
        info.put("files", List.of(files));
        info.put("pieces", new byte[20 * pieces]);
        return info;
    }

    private static Map<String, Object> file(long length, String... path) {
        return new TreeMap<>(Map.of("length", length, "path", List.of(path)));
    }

    private static Map<String, Object> pad(long length) {
        Map<String, Object> file = file(length, ".pad", Long.toString(length));
        file.put("attr", "p");
        return file;
    }
}
