package io.shoal.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.InfoHash;
import org.junit.jupiter.api.Test;

class TorrentIdTest {
    private static final InfoHash HASH = InfoHash.ofHex("0123456789abcdef0123456789abcdef01234567");

    @Test
    void anIdIsTheSameForEver() {
        // SHA-256 of "owner", a zero byte and the hash, in base32: what is stored under it must be found again.
        assertThat(TorrentId.of("owner", HASH)).hasToString("y67j4cih4hkfvkc5kglgtx67ra");
    }

    @Test
    void ownersAndHashesHaveIdsOfTheirOwn() {
        assertThat(TorrentId.of("a", HASH)).isNotEqualTo(TorrentId.of("b", HASH));
        assertThat(TorrentId.of("a", HASH))
                .isNotEqualTo(TorrentId.of("a", InfoHash.ofHex("1123456789abcdef0123456789abcdef01234567")));
        assertThat(TorrentId.of("a", HASH)).isEqualTo(TorrentId.of("a", HASH));
    }

    @Test
    void nothingElseIsAnId() {
        assertThat(new TorrentId("abcdefghijklmnopqrstuvwx27").value()).hasSize(26);
        for (String bad : new String[] {
            "",
            "abcdefghijklmnopqrstuvwx2",
            "abcdefghijklmnopqrstuvwx277",
            "ABCDEFGHIJKLMNOPQRSTUVWX27",
            "abcdefghijklmnopqrstuvwx01",
            "../defghijklmnopqrstuvwx27",
            "abcdefghijklmnopqrstuvwx2\n"
        }) {
            assertThatThrownBy(() -> new TorrentId(bad)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new Generation(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
