package io.shoal.contracts.links;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Fuzz;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkKeysTest {
    private static final Instant ISSUED = Instant.ofEpochSecond(1_790_000_000);
    private static final LinkToken TOKEN = named("é film.mkv");
    private static final LinkKeys KEYS = LinkKeys.parse("7:" + key('a'));

    private static String key(char fill) {
        return Base64.getEncoder()
                .encodeToString(String.valueOf(fill).repeat(32).getBytes(US_ASCII));
    }

    private static LinkToken named(String name) {
        return new LinkToken(
                new UUID(0x1122334455667788L, 0x99aabbccddeeff00L),
                new TorrentId("abcdefghijklmnopqrstuvwx27"),
                new Generation(0x0102030405060708L),
                new FileIndex(3),
                name,
                ISSUED,
                ISSUED.plus(Duration.ofHours(6)),
                Set.of(LinkToken.Flag.NO_REDIRECT));
    }

    @Test
    void aMintedTokenIsReadBack() {
        String text = KEYS.mint(TOKEN);

        assertThat(text).matches("[A-Za-z0-9_-]+");
        assertThat(KEYS.open(text)).contains(TOKEN);
    }

    @Test
    void neitherTenantNorTorrentNorGenerationCanBeReadAndNoTwoTokensAreAlike() {
        String text = KEYS.mint(TOKEN);
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        String raw = new String(bytes, ISO_8859_1);

        byte[] tenant = ByteBuffer.allocate(16)
                .putLong(TOKEN.tenant().getMostSignificantBits())
                .putLong(TOKEN.tenant().getLeastSignificantBits())
                .array();
        byte[] generation =
                ByteBuffer.allocate(8).putLong(TOKEN.generation().value()).array();
        assertThat(raw)
                .doesNotContain(new String(tenant, ISO_8859_1))
                .doesNotContain(new String(generation, ISO_8859_1))
                .doesNotContain(TOKEN.torrent().value());
        assertThat(KEYS.mint(TOKEN)).isNotEqualTo(text);
    }

    @Test
    void aTokenOfAnotherKeyIsRefused() {
        assertThat(LinkKeys.parse("7:" + key('b')).open(KEYS.mint(TOKEN))).isEmpty();
        assertThat(LinkKeys.parse("8:" + key('a')).open(KEYS.mint(TOKEN))).isEmpty();
    }

    /** The procedure of docs/operations.md: during each step some replicas have the list before it, others the one after it. */
    @Test
    void everyReplicaHonoursEveryOthersLinksDuringEachStepOfARotation() {
        String old = "1:" + key('o');
        String young = "2:" + key('y');
        List<LinkKeys> steps = Stream.of(old, old + "," + young, young + "," + old)
                .map(LinkKeys::parse)
                .toList();
        for (int step = 1; step < steps.size(); step++) {
            for (LinkKeys minting : steps.subList(step - 1, step + 1)) {
                for (LinkKeys opening : steps.subList(step - 1, step + 1)) {
                    assertThat(opening.open(minting.mint(TOKEN)))
                            .as("step %d", step)
                            .contains(TOKEN);
                }
            }
        }
        LinkKeys last = LinkKeys.parse(young);
        assertThat(last.open(steps.getLast().mint(TOKEN))).contains(TOKEN);
        assertThat(last.open(steps.getFirst().mint(TOKEN))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'', number 1",
        "SECRETSECRET, number 1",
        "'1:KEY,', number 2",
        "'256:KEY', number 1",
        "'-1:KEY', number 1",
        "'1:SECRETSECRET!', link key 1 is not base64",
        "'1:SECRETSECRET', it must have 32",
        "'1:KEY,2:', link key 2 has 0 bytes",
        "'1:KEY,1:KEY', two link keys have the id 1",
    })
    void aWrongListIsRefusedWithoutQuotingAKey(String list, String reason) {
        String text = list.replace("KEY", key('k'));
        assertThatThrownBy(() -> LinkKeys.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("SECRET")
                .hasMessageNotContaining(key('k'))
                .hasNoCause();
    }

    @Test
    void noByteCanBeChangedAddedOrRemoved() {
        String text = KEYS.mint(TOKEN);
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        for (int at = 0; at < bytes.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = bytes.clone();
                changed[at] ^= (byte) (1 << bit);
                String tampered = Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
                assertThat(KEYS.open(tampered)).as("byte %d", at).isEmpty();
            }
        }
        for (int at = 0; at < text.length(); at++) {
            for (char c : "A_9=+/ %\n\u00e9".toCharArray()) {
                String changed = text.substring(0, at) + c + text.substring(at + 1);
                if (!changed.equals(text)) {
                    assertThat(KEYS.open(changed)).as(changed).isEmpty();
                }
                assertThat(KEYS.open(text.substring(0, at) + c + text.substring(at)))
                        .isEmpty();
            }
            assertThat(KEYS.open(text.substring(0, at))).isEmpty();
        }
        assertThat(KEYS.open(text + "=")).isEmpty();
        assertThat(KEYS.open(text + "A")).isEmpty();
        assertThat(KEYS.open("A".repeat(1 << 20))).isEmpty();
    }

    @Test
    void aTokenHasOneText() {
        // Whichever bits of the last character do not count, only the canonical form is accepted.
        for (String name : List.of("a", "ab", "abc")) {
            String text = KEYS.mint(named(name));
            String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            long accepted = digits.chars()
                    .filter(c -> KEYS.open(text.substring(0, text.length() - 1) + (char) c)
                            .isPresent())
                    .count();
            assertThat(accepted).isEqualTo(1);
        }
    }

    @Test
    void theLongestNameFits() {
        LinkToken token = named("x".repeat(1_024));

        assertThat(KEYS.open(KEYS.mint(token))).contains(token);
    }

    @Test
    void brokenTokensAreRefusedWithoutAnException() {
        String text = KEYS.mint(TOKEN);
        Fuzz.mutated(20_000, List.of(text.getBytes(US_ASCII)), input -> {
            String changed = new String(input, ISO_8859_1);
            assertThat(KEYS.open(changed).isPresent()).isEqualTo(changed.equals(text));
        });
    }
}
