package io.shoal.tracker.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.shoal.tracker.networks.Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConnectionIdsTest {
    private static final Address ASKER = Address.ofV4(0x01020304);
    private static final Address ASKER_6 = new Address(0x20010db800000000L, 5);
    private static final long NOW = 1_800_000_000_000L;

    private final ConnectionIds ids = new ConnectionIds(List.of(key(1)));

    private static byte[] key(int fill) {
        byte[] key = new byte[16];
        Arrays.fill(key, (byte) fill);
        return key;
    }

    @Test
    void row25AnIdIsValidFor120SecondsAndRefusedBy180() {
        for (Address asker : List.of(ASKER, ASKER_6)) {
            for (long begin = NOW; begin < NOW + 70_000_000; begin += 999_983) {
                long id = ids.issue(asker, begin);
                assertThat(ids.isValid(id, asker, begin)).isTrue();
                assertThat(ids.isValid(id, asker, begin + 120_000)).isTrue();
                assertThat(ids.isValid(id, asker, begin + 180_000)).isFalse();
                assertThat(ids.isValid(id, asker, begin + 65_536_000))
                        .as("when the seconds of the id come round again")
                        .isFalse();
            }
        }
    }

    @Test
    void row25AnIdIsValidAtEveryReplicaAndAfterARestart() {
        ConnectionIds replica = new ConnectionIds(List.of(key(1)));
        assertThat(replica.isValid(ids.issue(ASKER, NOW), ASKER, NOW - 5_000))
                .as("whose clock is a little behind")
                .isTrue();
    }

    @Test
    void row25AFutureIdIsRefused() {
        assertThat(ids.isValid(ids.issue(ASKER, NOW), ASKER, NOW - 15_000)).isFalse();
    }

    @Test
    void row25AnIdOfAnotherAddressOrAForgedOneIsRefused() {
        long id = ids.issue(ASKER, NOW);
        assertThat(ids.isValid(id, Address.ofV4(0x01020305), NOW)).isFalse();
        long id6 = ids.issue(ASKER_6, NOW);
        assertThat(ids.isValid(id6, new Address(ASKER_6.high(), ASKER_6.low() + 1), NOW))
                .isFalse();
        assertThat(ids.isValid(id6, new Address(ASKER_6.high() + 1, ASKER_6.low()), NOW))
                .isFalse();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            assertThat(ids.isValid(id ^ 1L << random.nextInt(64), ASKER, NOW)).isFalse();
            assertThat(ids.isValid(random.nextLong(), ASKER, NOW)).isFalse();
        }
    }

    @Test
    void row25KeysAreRotatedWithoutAnIdBecomingInvalid() {
        ConnectionIds both = new ConnectionIds(List.of(key(2), key(1)));
        ConnectionIds after = new ConnectionIds(List.of(key(2)));

        assertThat(both.isValid(ids.issue(ASKER, NOW), ASKER, NOW)).isTrue();
        assertThat(after.isValid(both.issue(ASKER, NOW), ASKER, NOW)).isTrue();
        assertThat(after.isValid(ids.issue(ASKER, NOW), ASKER, NOW)).isFalse();
    }

    @Test
    void aKeyHas16Bytes() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionIds(List.of(new byte[15])));
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionIds(List.of()));
    }

    @Test
    void theHashIsSipHash() {
        // Key 00..0f, message 00..17, as an implementation that has the vector of the paper says.
        ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 24; i++) {
            bytes.put(i, (byte) i);
        }
        assertThat(SipHash.of(
                        bytes.getLong(0), bytes.getLong(8), bytes.getLong(0), bytes.getLong(8), bytes.getLong(16)))
                .isEqualTo(0xb8ad50c6f649af94L);
    }
}
