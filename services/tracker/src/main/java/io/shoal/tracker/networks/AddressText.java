package io.shoal.tracker.networks;

import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/** Addresses as text. Only literals: a name would make us ask a resolver on a stranger's word. */
public final class AddressText {
    /** The longest literal: an IPv6 address that ends in dotted decimals, in brackets. */
    public static final int CHARS = 47;

    private AddressText() {}

    /** The address that {@code text} says, in brackets or not; null if it is none. */
    public static @Nullable Address parse(String text) {
        if (text.length() > CHARS || text.indexOf('%') >= 0) {
            return null;
        }
        boolean bracketed = text.length() > 2 && text.startsWith("[") && text.endsWith("]");
        byte[] bytes =
                NetUtil.createByteArrayFromIpAddressString(bracketed ? text.substring(1, text.length() - 1) : text);
        return bytes == null ? null : Address.ofBytes(bytes);
    }
}
