package io.shoal.tracker.swarms;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Where the swarms write what an announce is answered with: counts, and peers as both protocols carry them (BEP 7, 23). Used
 * again and again by the one thread that owns it, so that an announce allocates nothing for its peers.
 */
public final class Reply {
    /** Bytes of an IPv4 peer: address and port. */
    public static final int V4_BYTES = 6;

    /** Bytes of an IPv6 peer: address and port. */
    public static final int V6_BYTES = 18;

    /** No reply names more peers of a family. 200 IPv4 peers are 1,200 bytes: with all the rest they fit one packet. */
    public static final int PEERS = 200;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();

    private final byte[] v4 = new byte[PEERS * V4_BYTES];
    private final byte[] v6 = new byte[PEERS * V6_BYTES];
    private int v4Length;
    private int v6Length;
    private Scrape counts = Scrape.NOTHING;

    void clear() {
        v4Length = 0;
        v6Length = 0;
        counts = Scrape.NOTHING;
    }

    void count(Scrape counts) {
        this.counts = counts;
    }

    void addV4(int address, int port) {
        INT.set(v4, v4Length, address);
        SHORT.set(v4, v4Length + 4, (short) port);
        v4Length += V4_BYTES;
    }

    void addV6(long high, long low, int port) {
        LONG.set(v6, v6Length, high);
        LONG.set(v6, v6Length + 8, low);
        SHORT.set(v6, v6Length + 16, (short) port);
        v6Length += V6_BYTES;
    }

    /** The swarm with the asker in it, or without one that stopped. */
    public Scrape counts() {
        return counts;
    }

    /** The array whose first {@link #v4Length()} bytes are the IPv4 peers. */
    public byte[] v4() {
        return v4;
    }

    /** A multiple of 6. */
    public int v4Length() {
        return v4Length;
    }

    /** The array whose first {@link #v6Length()} bytes are the IPv6 peers. */
    public byte[] v6() {
        return v6;
    }

    /** A multiple of 18. */
    public int v6Length() {
        return v6Length;
    }
}
