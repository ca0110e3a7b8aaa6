package io.shoal.contracts.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.contracts.TorrentId;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SliceKeyTest {
    @Test
    void aKeyIsReadAsItWasWritten() {
        SliceKey slice = new SliceKey.OfTorrent(new TorrentId("abcdefghijklmnopqrstuvwx27"), 12);
        SliceKey resolve = new SliceKey.OfResolve(new UUID(1, 2));

        assertThat(slice).hasToString("abcdefghijklmnopqrstuvwx27/12");
        assertThat(resolve).hasToString("resolve/00000000-0000-0001-0000-000000000002");
        assertThat(SliceKey.parse(slice.toString())).isEqualTo(slice);
        assertThat(SliceKey.parse(resolve.toString())).isEqualTo(resolve);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "abcdefghijklmnopqrstuvwx27",
                "abcdefghijklmnopqrstuvwx27/",
                "abcdefghijklmnopqrstuvwx27/-1",
                "abcdefghijklmnopqrstuvwx27/+1",
                "abcdefghijklmnopqrstuvwx27/01",
                "abcdefghijklmnopqrstuvwx27/0/0",
                "abcdefghijklmnopqrstuvwx27/99999999999",
                "short/0",
                "resolve/",
                "resolve/1-2-3-4-5",
                "resolve/00000000-0000-0001-0000-00000000000A",
                "RESOLVE/00000000-0000-0001-0000-000000000002",
            })
    void whatIsNotInItsOneFormIsNoKey(String key) {
        assertThatThrownBy(() -> SliceKey.parse(key)).isInstanceOf(IllegalArgumentException.class);
    }
}
