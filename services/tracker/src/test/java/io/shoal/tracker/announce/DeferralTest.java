package io.shoal.tracker.announce;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.tracker.Loopback;
import io.shoal.tracker.admission.Refusal;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.waiting.WaitingLimits;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a refused announce, step by step. */
class DeferralTest {
    private static final InfoHash TORRENT = InfoHash.ofHex("ab".repeat(20));
    private static final Request REQUEST = new Request(
            SwarmKey.of(TORRENT),
            Address.ofV4(0x7f000001),
            null,
            6881,
            new PeerKey(1, 2, 3),
            null,
            0,
            0,
            0,
            Event.STARTED,
            50,
            200,
            true);

    private final Loopback loopback;
    private final Tracker tracker;
    private final Reply reply = new Reply();

    DeferralTest() throws Exception {
        loopback = Loopback.waiting(WaitingLimits.usual(Duration.ofSeconds(3)), Loopback.patient());
        tracker = loopback.tracker;
    }

    @AfterEach
    void close() {
        loopback.close();
    }

    private void register() {
        loopback.torrents.register(TorrentId.of("t", TORRENT), 1, List.of(SwarmKey.of(TORRENT)), null);
    }

    private Deferral refusedThenDeferred(Runnable meanwhile) {
        Refusal refusal = Objects.requireNonNull(tracker.announce(REQUEST, reply));
        meanwhile.run();
        return tracker.defer(REQUEST, refusal, reply, () -> {});
    }

    @Test
    void aRegistrationBetweenTheRefusalAndThePlaceIsNotMissed() {
        assertThat(refusedThenDeferred(this::register)).isInstanceOf(Deferral.Answered.class);
        assertThat(reply.counts().complete()).isEqualTo(1);
        assertThat(loopback.waiting.size()).isZero();
    }

    @Test
    void anAnnounceThatWaitsIsInNoSwarm() {
        Deferral deferral = refusedThenDeferred(() -> {});
        assertThat(deferral).isInstanceOf(PendingAnnounce.class);
        assertThat(tracker.scrape(REQUEST.torrent(), null).complete()).isZero();
        ((PendingAnnounce) deferral).abandon();
        assertThat(loopback.waiting.size()).isZero();
    }
}
