package io.shoal.egress;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/** A range of addresses in the notation of RFC 4632 and RFC 4291: {@code 10.0.0.0/8}, {@code fc00::/7}. */
public final class Cidr {
    private final byte[] prefix;
    private final int bits;

    private Cidr(byte[] prefix, int bits) {
        this.prefix = prefix;
        this.bits = bits;
    }

    /** Parses {@code text}; an address without {@code /} is a range of one. Names are not looked up. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        try {
            byte[] prefix = literal(address);
            int bits = slash < 0 ? 8 * prefix.length : Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > 8 * prefix.length) {
                throw new IllegalArgumentException("no such prefix length");
            }
            return new Cidr(prefix, bits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a range of addresses: " + text, e);
        }
    }

    /** All of {@code texts}, parsed. */
    public static List<Cidr> list(String... texts) {
        return Arrays.stream(texts).map(Cidr::parse).toList();
    }

    /** Whether {@code address} lies in this range. */
    public boolean contains(InetAddress address) {
        return contains(address.getAddress());
    }

    boolean contains(byte[] address) {
        if (address.length != prefix.length) {
            return false;
        }
        int whole = bits / 8;
        if (!Arrays.equals(address, 0, whole, prefix, 0, whole)) {
            return false;
        }
        int rest = bits % 8;
        return rest == 0 || ((address[whole] ^ prefix[whole]) & 0xff) >> (8 - rest) == 0;
    }

    /** The bytes of a literal; 16 of a v4-mapped one too, where the JDK would make it 4. */
    private static byte[] literal(String address) {
        byte[] bytes = InetAddress.ofLiteral(address).getAddress();
        if (bytes.length == 4 && address.indexOf(':') >= 0) {
            byte[] mapped = new byte[16];
            mapped[10] = mapped[11] = (byte) 0xff;
            System.arraycopy(bytes, 0, mapped, 12, 4);
            return mapped;
        }
        return bytes;
    }
}
