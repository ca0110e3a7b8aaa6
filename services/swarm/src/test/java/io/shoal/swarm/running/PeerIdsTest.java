package io.shoal.swarm.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.PeerId;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PeerIdsTest {
    private static final SliceKey SLICE = new SliceKey.OfTorrent(new TorrentId("abcdefghijklmnopqrstuvwxyz"), 0);

    @Test
    void theNameIsTheSameOnEveryWorkerOfAFleet() {
        assertThat(new PeerIds("key").of(SLICE, new Generation(3)))
                .isEqualTo(new PeerIds("key").of(SLICE, new Generation(3)))
                .hasToString(new PeerIds("key").of(SLICE, new Generation(3)).toString());
        assertThat(new PeerIds("key").of(SLICE, new Generation(3)).toString()).startsWith("-SH0100-");
    }

    @Test
    void workersKnowTheNamesOfTheirFleetAlone() {
        PeerIds fleet = new PeerIds("key");
        PeerId ours = fleet.of(SLICE, new Generation(3));
        assertThat(new PeerIds("key").isFleetMember(ours)).isTrue();
        assertThat(new PeerIds("other").isFleetMember(ours)).isFalse();
        byte[] changed = ours.bytes();
        changed[10] ^= 1;
        assertThat(fleet.isFleetMember(PeerId.of(changed))).isFalse();
        assertThat(fleet.isFleetMember(PeerId.of("-qB5140-abcdefghijkl".getBytes(StandardCharsets.US_ASCII))))
                .isFalse();
    }

    @Test
    void otherLivesSlicesAndFleetsHaveOtherNames() {
        PeerIds fleet = new PeerIds("key");
        SliceKey next = new SliceKey.OfTorrent(new TorrentId("abcdefghijklmnopqrstuvwxyz"), 1);
        assertThat(fleet.of(SLICE, new Generation(3)))
                .isNotEqualTo(fleet.of(SLICE, new Generation(4)))
                .isNotEqualTo(fleet.of(next, new Generation(3)))
                .isNotEqualTo(new PeerIds("other").of(SLICE, new Generation(3)));
    }
}
