package io.shoal.intake.access;

import java.math.BigInteger;
import java.net.InetAddress;

/** A range of addresses: those of one family whose first bits are equal. */
record Cidr(InetAddress network, int bits) {
    /** Reads {@code 10.0.0.0/8}, {@code fd00::/8} or a single address. */
    static Cidr parse(String text) {
        String[] parts = text.strip().split("/", 2);
        InetAddress network = TrustedProxies.address(parts[0]).orElseThrow(() -> bad(text));
        int most = network.getAddress().length * 8;
        try {
            int bits = parts.length == 1 ? most : Integer.parseInt(parts[1]);
            if (bits >= 0 && bits <= most) {
                return new Cidr(network, bits);
            }
        } catch (NumberFormatException e) {
            throw bad(text);
        }
        throw bad(text);
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException("not a range of addresses (like 10.0.0.0/8): " + text);
    }

    boolean contains(InetAddress address) {
        byte[] mine = network.getAddress();
        byte[] other = address.getAddress();
        int rest = mine.length * 8 - bits;
        return mine.length == other.length
                && new BigInteger(1, mine).shiftRight(rest).equals(new BigInteger(1, other).shiftRight(rest));
    }
}
