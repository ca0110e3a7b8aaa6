package io.shoal.tracker.networks;

import java.util.List;

/** A set of networks in CIDR notation. Immutable. */
public final class Networks {
    static final Networks PRIVATE = of(List.of(
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "::1/128",
            "fe80::/10",
            "fc00::/7"));
    static final Networks NOWHERE = of(List.of("0.0.0.0/8", "224.0.0.0/3", "::/128", "ff00::/8"));

    private final List<Network> networks;

    private Networks(List<Network> networks) {
        this.networks = networks;
    }

    /**
     * The networks written as {@code address/bits}, or {@code address} for one host.
     *
     * @throws IllegalArgumentException if one is not written so; its text is in the message
     */
    public static Networks of(List<String> cidrs) {
        return new Networks(cidrs.stream().map(Networks::network).toList());
    }

    /** Whether {@code address} is in one of them. */
    public boolean contain(Address address) {
        for (Network network : networks) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    private static Network network(String cidr) {
        int slash = cidr.indexOf('/');
        Address address = AddressText.parse(slash < 0 ? cidr : cidr.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException("no network: " + cidr);
        }
        int width = address.isV4() ? 32 : 128;
        int bits = slash < 0 ? width : bits(cidr, slash, width);
        // An IPv4 network of n bits is a v4-mapped one of 96 + n.
        return new Network(address, bits + 128 - width);
    }

    private static int bits(String cidr, int slash, int width) {
        try {
            int bits = Integer.parseInt(cidr.substring(slash + 1));
            if (bits >= 0 && bits <= width) {
                return bits;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("no network: " + cidr, e);
        }
        throw new IllegalArgumentException("no network: " + cidr);
    }

    private record Network(Address first, int bits) {
        boolean contains(Address address) {
            return ((first.high() ^ address.high()) & mask(bits)) == 0
                    && ((first.low() ^ address.low()) & mask(bits - 64)) == 0;
        }

        private static long mask(int ones) {
            if (ones <= 0) {
                return 0;
            }
            return ones >= 64 ? -1L : -1L << (64 - ones);
        }
    }
}
