package io.shoal.tracker.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.networks.Address;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a peer costs, measured on the heap of this process. */
class MemoryTest {
    private static final int PEERS = 1_000_000;
    private static final SwarmLimits LIMITS = new SwarmLimits(1 << 30, 1 << 30, 2 * PEERS);

    @Test
    void aMillionPeersInHalfAMillionSwarmsTakeLessThanFiftyBytesEach() {
        assertThat(bytesPerPeer("500,000 swarms of 2", 500_000)).isLessThan(50);
    }

    @Test
    void aMillionPeersInOneHundredSwarmsTakeLessThanFortyBytesEach() {
        assertThat(bytesPerPeer("100 swarms of 10,000", 100)).isLessThan(40);
    }

    private static double bytesPerPeer(String population, int torrents) {
        long before = used();
        Swarms swarms = new Swarms(LIMITS, 1);
        SplittableRandom hashes = new SplittableRandom(7);
        SwarmKey[] keys = new SwarmKey[torrents];
        for (int i = 0; i < torrents; i++) {
            keys[i] = new SwarmKey(hashes.nextLong(), hashes.nextLong(), hashes.nextInt());
        }
        long keysUsed = used() - before;
        Reply reply = new Reply();
        for (int i = 0; i < PEERS; i++) {
            swarms.announce(
                    new Announce(keys[i % torrents], Address.ofV4(i), 6881, i, 0, 0, 1, Event.STARTED, 0, false, 1),
                    reply);
        }
        double bytes = (double) (used() - before - keysUsed) / PEERS;
        assertThat(swarms.totals().leeches().v4()).isEqualTo(PEERS);
        assertThat(swarms.scrape(keys[0]).incomplete()).isEqualTo(PEERS / torrents);
        System.out.printf("heap bytes per peer, %s: %.1f%n", population, bytes);
        return bytes;
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
