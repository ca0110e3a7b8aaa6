package io.shoal.tracker.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.networks.Address;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final Address ONE = Address.ofV4(0x01020304);
    private static final Address OTHER = Address.ofV4(0x01020305);

    private long now = 1_800_000_000_000L;

    private int asksUntilRefused(RateLimit limit, Address source) {
        int asked = 0;
        while (asked < 100_000 && limit.admits(source, now)) {
            asked++;
        }
        return asked;
    }

    @Test
    void aClientThatStartsAgainMayAskForAllItsTorrentsAtOnce() {
        RateLimit limit = new RateLimit(20, 5_000, 1);
        assertThat(asksUntilRefused(limit, ONE)).isEqualTo(5_000);
        assertThat(limit.refused()).isEqualTo(1);
        now += 250_000;
        assertThat(asksUntilRefused(limit, ONE))
                .as("after the bucket has run dry")
                .isEqualTo(5_000);
    }

    @Test
    void whoGoesOnAskingGetsTheRateAndNoMore() {
        RateLimit limit = new RateLimit(20, 100, 1);
        asksUntilRefused(limit, ONE);
        int admitted = 0;
        for (int second = 0; second < 60; second++) {
            now += 1_000;
            for (int ask = 0; ask < 1_000; ask++) {
                admitted += limit.admits(ONE, now) ? 1 : 0;
            }
        }
        assertThat(admitted).isEqualTo(60 * 20);
    }

    @Test
    void anAddressDoesNotPayForAnother() {
        RateLimit limit = new RateLimit(1, 10, 1);
        asksUntilRefused(limit, ONE);
        assertThat(asksUntilRefused(limit, OTHER)).isEqualTo(10);
        assertThat(limit.admits(ONE, now)).isFalse();
    }

    @Test
    void allOfAnIpv6SubnetAreOne() {
        RateLimit limit = new RateLimit(1, 10, 1);
        assertThat(asksUntilRefused(limit, new Address(0x20010db800000001L, 1))).isEqualTo(10);
        assertThat(limit.admits(new Address(0x20010db800000001L, 2), now)).isFalse();
        assertThat(limit.admits(new Address(0x20010db800000002L, 1), now)).isTrue();
    }

    @Test
    void aFloodOfInventedAddressesTakesNoMemoryAndHidesNobody() {
        RateLimit limit = new RateLimit(1, 100, 1);
        asksUntilRefused(limit, ONE);
        int admitted = 0;
        for (int address = 0; address < 4 * RateLimit.BUCKETS; address++) {
            admitted += limit.admits(Address.ofV4(0x40000000 + address * 7), now) ? 1 : 0;
        }
        assertThat(admitted).as("newcomers are served").isGreaterThan(4 * RateLimit.BUCKETS * 99 / 100);
        assertThat(limit.givenUp()).as("and it shows").isGreaterThan(RateLimit.BUCKETS);
        assertThat(limit.admits(ONE, now))
                .as("who asked too much is still known")
                .isFalse();
    }

    @Test
    void withoutARateThereIsNoLimit() {
        RateLimit limit = new RateLimit(0, 1, 1);
        assertThat(asksUntilRefused(limit, ONE)).isEqualTo(100_000);
    }

    @Test
    void whoIsRefusedIsToldWhenThereIsRoomAgain() {
        assertThat(new RateLimit(20, 5_000, 1).retryMinutes()).isEqualTo(3);
        assertThat(new RateLimit(20, 10, 1).retryMinutes()).isEqualTo(1);
    }
}
