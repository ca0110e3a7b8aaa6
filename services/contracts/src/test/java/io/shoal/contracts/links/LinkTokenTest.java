package io.shoal.contracts.links;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Fuzz;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LinkTokenTest {
    private static final byte[] KEY = "a key of thirty-two bytes, about".getBytes(US_ASCII);
    private static final Instant EXPIRES = Instant.ofEpochSecond(1_790_000_000);
    private static final LinkToken TOKEN = new LinkToken(
            new UUID(1, 2),
            new TorrentId("abcdefghijklmnopqrstuvwx27"),
            new Generation(7),
            new FileIndex(3),
            "é film.mkv",
            EXPIRES);

    @Test
    void whatWasSignedIsReadBack() {
        String text = TOKEN.sign(KEY);

        assertThat(text).matches("[A-Za-z0-9_-]+");
        assertThat(LinkToken.verify(text, KEY)).contains(TOKEN);
    }

    @Test
    void anotherKeySignsNothingForUs() {
        assertThat(LinkToken.verify(TOKEN.sign("another key".getBytes(US_ASCII)), KEY))
                .isEmpty();
    }

    @Test
    void noByteMayBeChangedAddedOrTakenAway() {
        String text = TOKEN.sign(KEY);
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        for (int at = 0; at < bytes.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = bytes.clone();
                changed[at] ^= (byte) (1 << bit);
                String tampered = Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
                assertThat(LinkToken.verify(tampered, KEY)).as("byte %d", at).isEmpty();
            }
        }
        for (int at = 0; at < text.length(); at++) {
            for (char c : "A_9=+/ %\n\u00e9".toCharArray()) {
                String changed = text.substring(0, at) + c + text.substring(at + 1);
                if (!changed.equals(text)) {
                    assertThat(LinkToken.verify(changed, KEY)).as(changed).isEmpty();
                }
                assertThat(LinkToken.verify(text.substring(0, at) + c + text.substring(at), KEY))
                        .isEmpty();
            }
            assertThat(LinkToken.verify(text.substring(0, at), KEY)).isEmpty();
        }
        assertThat(LinkToken.verify(text + "=", KEY)).isEmpty();
        assertThat(LinkToken.verify(text + "A", KEY)).isEmpty();
        assertThat(LinkToken.verify("A".repeat(1 << 20), KEY)).isEmpty();
    }

    @Test
    void aRightHasOneText() {
        // Whichever bits of the last character do not count, only the one that we wrote is taken.
        for (String name : List.of("a", "ab", "abc")) {
            LinkToken token = new LinkToken(
                    TOKEN.tenant(), TOKEN.torrent(), TOKEN.generation(), TOKEN.file(), name, TOKEN.expires());
            String text = token.sign(KEY);
            String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            long accepted = digits.chars()
                    .filter(c -> LinkToken.verify(text.substring(0, text.length() - 1) + (char) c, KEY)
                            .isPresent())
                    .count();
            assertThat(accepted).isEqualTo(1);
        }
    }

    @Test
    void itExpiresOnTheSecond() {
        assertThat(TOKEN.isExpired(EXPIRES.minusMillis(1))).isFalse();
        assertThat(TOKEN.isExpired(EXPIRES)).isTrue();
        LinkToken fraction = new LinkToken(
                TOKEN.tenant(),
                TOKEN.torrent(),
                TOKEN.generation(),
                TOKEN.file(),
                TOKEN.name(),
                EXPIRES.plusNanos(999_999_999));
        assertThat(fraction).isEqualTo(TOKEN);
    }

    @Test
    void theLongestNameFitsAndALongerOneIsRefusedWhenItIsMinted() {
        String longest = "x".repeat(1_024);
        LinkToken token = new LinkToken(
                TOKEN.tenant(), TOKEN.torrent(), TOKEN.generation(), TOKEN.file(), longest, TOKEN.expires());

        assertThat(LinkToken.verify(token.sign(KEY), KEY)).contains(token);
        assertThatThrownBy(() -> new LinkToken(
                        TOKEN.tenant(), TOKEN.torrent(), TOKEN.generation(), TOKEN.file(), longest + "x", EXPIRES))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void brokenTokensAreRefusedAndNothingElse() {
        String text = TOKEN.sign(KEY);
        Fuzz.mutated(20_000, List.of(text.getBytes(US_ASCII)), input -> {
            String changed = new String(input, ISO_8859_1);
            assertThat(LinkToken.verify(changed, KEY).isPresent()).isEqualTo(changed.equals(text));
        });
    }
}
