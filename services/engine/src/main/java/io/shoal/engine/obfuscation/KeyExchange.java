package io.shoal.engine.obfuscation;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * This side's half of a Diffie-Hellman key exchange: one for each connection. The two methods take some 0.2 ms each, so they must not run
 * on a loop.
 */
final class KeyExchange {
    /** Length of a public key, and of the shared secret, in bytes. */
    static final int LENGTH = 96;

    /** Length of a private key in bytes: what the protocol's authors hold to be enough, and other clients use. */
    static final int PRIVATE_LENGTH = 20;

    private static final BigInteger PRIME = new BigInteger(
            "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A"
                    + "08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C"
                    + "42E9A63A36210000000000090563",
            16);

    private final BigInteger privateKey;
    private final byte[] publicKey;

    /** @param random {@link #PRIVATE_LENGTH} random bytes, from the beginning of the array */
    KeyExchange(byte[] random) {
        privateKey = new BigInteger(1, random, 0, PRIVATE_LENGTH);
        publicKey = bytes(BigInteger.TWO.modPow(privateKey, PRIME));
    }

    /** Returns what is sent to the other side: {@link #LENGTH} bytes. */
    byte[] publicKey() {
        return publicKey.clone();
    }

    /**
     * Returns the secret that both sides share.
     *
     * @param theirs the other side's public key
     * @return null if that is no public key: 0, 1 and their negatives would let third parties know the secret
     */
    @Nullable
    SharedSecret agree(byte[] theirs) {
        BigInteger key = new BigInteger(1, theirs);
        return key.compareTo(BigInteger.TWO) < 0 || key.compareTo(PRIME.subtract(BigInteger.ONE)) >= 0
                ? null
                : new SharedSecret(bytes(key.modPow(privateKey, PRIME)));
    }

    private static byte[] bytes(BigInteger number) {
        byte[] shortest = number.toByteArray(); // with a sign, which may be a byte of its own
        byte[] result = new byte[LENGTH];
        int length = Math.min(shortest.length, LENGTH);
        System.arraycopy(shortest, shortest.length - length, result, LENGTH - length, length);
        return result;
    }
}
