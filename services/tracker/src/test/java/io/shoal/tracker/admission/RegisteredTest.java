package io.shoal.tracker.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegisteredTest {
    private static final InfoHash HASH = InfoHash.ofHex("ab".repeat(20));
    private static final SwarmKey KEY = SwarmKey.of(HASH);
    private static final TorrentId ONE = TorrentId.of("one", HASH);
    private static final TorrentId TWO = TorrentId.of("two", HASH);

    private final Registered registered = new Registered();

    @Test
    void aHashIsServedUntilTheLastTenantLetsGo() {
        registered.register(ONE, 1, List.of(KEY));
        registered.register(TWO, 1, List.of(KEY));
        registered.register(ONE, 2, List.of());
        assertThat(registered.admits(KEY)).isTrue();
        registered.forget(TWO);
        assertThat(registered.admits(KEY)).isFalse();
        assertThat(registered.size()).isZero();
    }

    @Test
    void aLowerRevisionIsIgnoredAndTheSameOneTwiceIsNoHarm() {
        registered.register(ONE, 5, List.of(KEY));
        registered.register(ONE, 5, List.of(KEY));
        registered.register(ONE, 4, List.of());
        assertThat(registered.admits(KEY)).isTrue();
        registered.register(ONE, 6, List.of());
        assertThat(registered.admits(KEY)).isFalse();
    }

    @Test
    void whatIsForgottenMayComeBack() {
        registered.register(ONE, 5, List.of(KEY));
        registered.forget(ONE);
        registered.forget(ONE);
        assertThat(registered.admits(KEY)).isFalse();
        registered.register(ONE, 1, List.of(KEY));
        assertThat(registered.admits(KEY)).isTrue();
    }
}
