package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

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
    private final @Nullable PeerKey[] v4Peers = new PeerKey[PEERS];
    private final @Nullable PeerKey[] v6Peers = new PeerKey[PEERS];
    private int v4Length;
    private int v6Length;
    private Scrape counts = Scrape.NOTHING;
    private boolean named;

    /** Begins anew. */
    public void clear() {
        v4Length = 0;
        v6Length = 0;
        named = false;
        counts = Scrape.NOTHING;
    }

    /** Says how large the swarm is. */
    public void count(Scrape counts) {
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

    /** Adds a peer of a swarm that keeps peer ids; there is room for {@link #PEERS} of a family. */
    public void add(Address address, int port, PeerKey peer) {
        named = true;
        if (address.isV4()) {
            v4Peers[v4Length / V4_BYTES] = peer;
            addV4(address.v4(), port);
        } else {
            v6Peers[v6Length / V6_BYTES] = peer;
            addV6(address.high(), address.low(), port);
        }
    }

    /** The peer id of the IPv4 peer that was added as number {@code index}; null where the swarm keeps none. */
    public @Nullable PeerKey v4Peer(int index) {
        return named ? v4Peers[index] : null;
    }

    /** The peer id of the IPv6 peer that was added as number {@code index}; null where the swarm keeps none. */
    public @Nullable PeerKey v6Peer(int index) {
        return named ? v6Peers[index] : null;
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
