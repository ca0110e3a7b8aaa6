package io.shoal.tracker.udp;

import io.shoal.tracker.networks.Address;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Connection ids (BEP 15) without memory of connections: the second of issue modulo 2^16, then 48 bits of a keyed hash of the
 * whole second and the asker's address. Every replica that has the key accepts what another issued, also after a restart. The
 * port is left out, because a NAT may change it between two packets.
 */
public final class ConnectionIds {
    /** Bytes of a key. */
    public static final int KEY_BYTES = 16;

    /** BEP 15 promises two minutes; a packet may be on its way for some seconds more. */
    private static final long VALID_SECONDS = 150;

    /** Clocks of two replicas may differ by so much. */
    private static final long SKEW_SECONDS = 10;

    private static final int HASH_BITS = 48;
    private static final long HASH = (1L << HASH_BITS) - 1;
    private static final long SECOND = (1L << Long.SIZE - HASH_BITS) - 1;

    private final long[] keys;

    /**
     * @param keys of 16 bytes: the first one issues, all of them verify, so that a key is rotated by putting the new one last
     *     everywhere, then first everywhere, then taking the old one away
     */
    public ConnectionIds(List<byte[]> keys) {
        this.keys = new long[2 * keys.size()];
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).length != KEY_BYTES) {
                throw new IllegalArgumentException("a key of connection ids has " + KEY_BYTES + " bytes");
            }
            ByteBuffer key = ByteBuffer.wrap(keys.get(i));
            this.keys[2 * i] = key.getLong();
            this.keys[2 * i + 1] = key.getLong();
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("connection ids need a key");
        }
    }

    /** An id for the asker at {@code address}. */
    long issue(Address address, long nowMillis) {
        return id(0, address, nowMillis / 1000);
    }

    /** Whether {@code id} was issued to {@code address}, and lately. */
    boolean isValid(long id, Address address, long nowMillis) {
        // The whole second is the latest one, not after now and the skew, that ends in the id's 16 bits.
        long latest = nowMillis / 1000 + SKEW_SECONDS;
        long age = latest - (id >>> HASH_BITS) & SECOND;
        if (age > VALID_SECONDS + SKEW_SECONDS) {
            return false;
        }
        for (int key = 0; key < keys.length; key += 2) {
            if (id(key, address, latest - age) == id) {
                return true;
            }
        }
        return false;
    }

    private long id(int key, Address address, long second) {
        long hash = SipHash.of(keys[key], keys[key + 1], second, address.high(), address.low());
        return second << HASH_BITS | hash & HASH;
    }
}
