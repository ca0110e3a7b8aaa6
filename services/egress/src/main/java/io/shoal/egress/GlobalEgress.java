package io.shoal.egress;

import java.net.InetAddress;
import java.util.List;

/**
 * Denies every address that is not globally reachable: this host and its network, and what the registries of special
 * purpose addresses (RFC 6890, IANA) set apart. A torrent, a tracker or a peer could otherwise direct connections to
 * hosts behind the firewall. Addresses that embed another one (v4-mapped, NAT64, 6to4, Teredo) are checked by the
 * embedded one as well.
 */
public final class GlobalEgress implements Egress {
    private static final List<Cidr> NOT_GLOBAL = Cidr.list(
            "0.0.0.0/8", // this network
            "10.0.0.0/8", // private
            "100.64.0.0/10", // carrier-grade NAT
            "127.0.0.0/8", // loopback
            "169.254.0.0/16", // link-local, and the metadata services of clouds
            "172.16.0.0/12", // private
            "192.0.0.0/24", // protocol assignments
            "192.0.2.0/24", // documentation
            "192.88.99.0/24", // 6to4 relays, withdrawn
            "192.168.0.0/16", // private
            "198.18.0.0/15", // benchmarks
            "198.51.100.0/24", // documentation
            "203.0.113.0/24", // documentation
            "224.0.0.0/4", // multicast
            "240.0.0.0/4"); // reserved, and broadcast

    /** The only allocated part of IPv6; the rest is loopback, local, multicast or reserved. */
    private static final Cidr GLOBAL_UNICAST = Cidr.parse("2000::/3");

    private static final List<Cidr> NOT_GLOBAL_V6 = Cidr.list(
            "2001:2::/48", // benchmarks
            "2001:10::/28", // ORCHID, withdrawn
            "2001:20::/28", // ORCHIDv2: names, not places
            "2001:db8::/32", // documentation
            "3fff::/20"); // documentation

    private static final Cidr MAPPED = Cidr.parse("::ffff:0:0/96");
    private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");
    private static final Cidr SIX_TO_FOUR = Cidr.parse("2002::/16");
    private static final Cidr TEREDO = Cidr.parse("2001::/32");

    private final List<Cidr> allowed;

    /** @param allowed ranges that may be reached although they are not global; normally none */
    public GlobalEgress(List<Cidr> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    @Override
    public boolean allows(InetAddress address) {
        byte[] bytes = address.getAddress();
        return in(allowed, bytes) || (bytes.length == 4 ? isGlobal4(bytes) : isGlobal6(bytes));
    }

    private boolean isGlobal4(byte[] bytes) {
        return !in(NOT_GLOBAL, bytes);
    }

    private boolean isGlobal6(byte[] bytes) {
        if (MAPPED.contains(bytes) || NAT64.contains(bytes)) {
            return isGlobal4(embedded(bytes, 12, 0));
        }
        if (SIX_TO_FOUR.contains(bytes)) {
            return isGlobal4(embedded(bytes, 2, 0));
        }
        if (TEREDO.contains(bytes)) {
            return isGlobal4(embedded(bytes, 4, 0)) && isGlobal4(embedded(bytes, 12, 0xff));
        }
        return GLOBAL_UNICAST.contains(bytes) && !in(NOT_GLOBAL_V6, bytes);
    }

    /** The IPv4 address at {@code offset}, each byte xored with {@code mask}. */
    private static byte[] embedded(byte[] bytes, int offset, int mask) {
        byte[] inner = new byte[4];
        for (int i = 0; i < 4; i++) {
            inner[i] = (byte) (bytes[offset + i] ^ mask);
        }
        return inner;
    }

    private static boolean in(List<Cidr> ranges, byte[] bytes) {
        for (Cidr range : ranges) {
            if (range.contains(bytes)) {
                return true;
            }
        }
        return false;
    }
}
