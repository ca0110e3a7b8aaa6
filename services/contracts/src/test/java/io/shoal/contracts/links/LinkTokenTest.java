package io.shoal.contracts.links;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LinkTokenTest {
    private static final Instant ISSUED = Instant.ofEpochSecond(1_790_000_000);
    private static final Instant EXPIRES = ISSUED.plusSeconds(60);

    private static LinkToken token(String name, Instant expires, Set<LinkToken.Flag> flags) {
        return new LinkToken(
                new UUID(1, 2),
                new TorrentId("abcdefghijklmnopqrstuvwx27"),
                new Generation(7),
                new FileIndex(3),
                name,
                ISSUED,
                expires,
                flags);
    }

    @Test
    void itExpiresOnTheSecond() {
        LinkToken token = token("a", EXPIRES, Set.of());
        assertThat(token.isExpired(EXPIRES.minusMillis(1))).isFalse();
        assertThat(token.isExpired(EXPIRES)).isTrue();
        assertThat(token("a", EXPIRES.plusNanos(999_999_999), Set.of())).isEqualTo(token);
    }

    @Test
    void longerNamesAndLivesAreRefused() {
        String longest = "x".repeat(1_024);
        Instant latest = ISSUED.plus(LinkToken.MAX_LIFETIME);

        assertThat(token(longest, latest, Set.of()).expires()).isEqualTo(latest);
        assertThatThrownBy(() -> token(longest + "x", EXPIRES, Set.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> token("a", latest.plusSeconds(1), Set.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everySetOfFlagsIsReadBackAndUnknownOnesAreIgnored() {
        for (Set<LinkToken.Flag> flags : Set.of(
                Set.<LinkToken.Flag>of(),
                Set.of(LinkToken.Flag.PROGRESSIVE),
                Set.of(LinkToken.Flag.NO_REDIRECT),
                Set.of(LinkToken.Flag.values()))) {
            LinkToken token = token("a", EXPIRES, flags);
            byte[] fields = token.write();
            fields[16] |= (byte) 0xfc;
            assertThat(LinkToken.read(ByteBuffer.wrap(fields))).isEqualTo(token);
        }
    }
}
