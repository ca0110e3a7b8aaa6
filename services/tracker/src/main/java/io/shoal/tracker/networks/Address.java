package io.shoal.tracker.networks;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IP address of either family as one 128-bit number. An IPv4 address has exactly one form, the v4-mapped one (RFC 4291,
 * 2.5.5.2), so {@code 1.2.3.4} and {@code ::ffff:1.2.3.4} are equal, and two notations never make two peers.
 *
 * @param high the first 8 bytes
 * @param low the last 8 bytes
 */
public record Address(long high, long low) {
    private static final long V4_MAPPED = 0xffffL;

    /** The IPv4 address with these 32 bits. */
    public static Address ofV4(int bits) {
        return new Address(0, V4_MAPPED << 32 | Integer.toUnsignedLong(bits));
    }

    /** The address that a socket names. */
    public static Address of(InetAddress address) {
        return ofBytes(address.getAddress());
    }

    /** The address with these 4 or 16 bytes in network order. */
    static Address ofBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return bytes.length == 4 ? ofV4(buffer.getInt()) : new Address(buffer.getLong(), buffer.getLong());
    }

    /** Whether it is an IPv4 address. */
    public boolean isV4() {
        return high == 0 && low >>> 32 == V4_MAPPED;
    }

    /** The 32 bits of an IPv4 address. */
    public int v4() {
        return (int) low;
    }

    /** The address that stands for all addresses of one client: an IPv4 address itself, the first of an IPv6 /64. */
    public Address network() {
        return isV4() ? this : new Address(high, 0);
    }

    /** 4 or 16 bytes in network order. */
    public byte[] bytes() {
        return isV4()
                ? ByteBuffer.allocate(4).putInt(v4()).array()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    /**
     * Whether packets to it stay within a site or a host: loopback, RFC 1918, RFC 6598 (carrier's NAT), link-local, unique
     * local (RFC 4193).
     */
    public boolean isPrivate() {
        return Networks.PRIVATE.contain(this);
    }

    /** Whether a peer can be there: neither unspecified nor multicast nor broadcast nor reserved. */
    public boolean isUnicast() {
        return !Networks.NOWHERE.contain(this);
    }

    /** As people write it. */
    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(bytes()).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes", e);
        }
    }
}
