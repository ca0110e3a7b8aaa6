package io.shoal.engine.obfuscation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The arithmetic of the handshake. */
class CiphersTest {
    private final SplittableRandom random = new SplittableRandom(3);

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void theKeyStreamIsThatOfRc4WithoutItsFirst1024Bytes() throws Exception {
        byte[] key = bytes(20);
        byte[] plain = bytes(40_000);
        Cipher reference = Cipher.getInstance("ARCFOUR");
        reference.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "ARCFOUR"));
        reference.update(new byte[1_024]);
        byte[] expected = reference.update(plain);

        Rc4 inParts = new Rc4(key);
        ByteBuf copied = Unpooled.buffer();
        for (int from = 0; from < plain.length; ) {
            int length = Math.min(plain.length - from, random.nextInt(1, 20_000));
            inParts.copy(Unpooled.directBuffer().writeBytes(plain, from, length), copied);
            from += length;
        }
        assertThat(ByteBufUtil.getBytes(copied)).isEqualTo(expected);

        ByteBuf inPlace = Unpooled.wrappedBuffer(
                Unpooled.directBuffer().writeBytes(plain, 0, 12_345),
                Unpooled.copiedBuffer(plain, 12_345, plain.length - 12_345));
        new Rc4(key).apply(inPlace);
        assertThat(ByteBufUtil.getBytes(inPlace)).isEqualTo(expected);

        Rc4 skipping = new Rc4(key);
        skipping.skip(30_000);
        byte[] end = Arrays.copyOfRange(plain, 30_000, plain.length);
        skipping.apply(end, 0, end.length);
        assertThat(end).isEqualTo(Arrays.copyOfRange(expected, 30_000, expected.length));
    }

    @Test
    void bothSidesHaveOneSecret() {
        for (int i = 0; i < 50; i++) {
            KeyExchange one = new KeyExchange(bytes(KeyExchange.PRIVATE_LENGTH));
            KeyExchange other = new KeyExchange(bytes(KeyExchange.PRIVATE_LENGTH));
            SharedSecret here = one.agree(other.publicKey());
            SharedSecret there = other.agree(one.publicKey());
            assertThat(here).isNotNull();
            assertThat(there).isNotNull();
            assertThat(here.synchronization()).isEqualTo(there.synchronization());
            assertThat(one.publicKey()).hasSize(KeyExchange.LENGTH);
        }
    }

    @Test
    void keysThatWouldTellTheSecretAreRefused() {
        KeyExchange ours = new KeyExchange(bytes(KeyExchange.PRIVATE_LENGTH));
        byte[] largest = new byte[KeyExchange.LENGTH];
        Arrays.fill(largest, (byte) 0xff);
        byte[] one = new byte[KeyExchange.LENGTH];
        one[KeyExchange.LENGTH - 1] = 1;
        assertThat(ours.agree(new byte[KeyExchange.LENGTH])).isNull();
        assertThat(ours.agree(one)).isNull();
        assertThat(ours.agree(largest)).isNull();
        byte[] two = one.clone();
        two[KeyExchange.LENGTH - 1] = 2;
        assertThat(ours.agree(two)).isNotNull();
        assertThat(new BigInteger(1, ours.publicKey()).bitLength()).isLessThanOrEqualTo(768);
    }
}
