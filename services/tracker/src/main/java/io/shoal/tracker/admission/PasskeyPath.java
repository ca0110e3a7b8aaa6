package io.shoal.tracker.admission;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.shoal.contracts.PasskeyHash;
import org.jspecify.annotations.Nullable;

/** Where a passkey stands in the path of an announce URL: {@code /PASSKEY/announce}. */
public final class PasskeyPath {
    /** Longer ones are never issued: ours have 32 characters. */
    private static final int CHARS = 64;

    private PasskeyPath() {}

    /**
     * The passkey in the path that stands from {@code from} to {@code to}, whose end is {@code leaf}, with its slash. Null if the
     * path has another form. Whether the passkey is known is not checked here.
     */
    public static @Nullable PasskeyHash read(ByteBuf buffer, int from, int to, byte[] leaf) {
        int end = to - leaf.length;
        int length = end - from - 1;
        if (length < 1 || length > CHARS || buffer.getByte(from) != '/') {
            return null;
        }
        for (int i = 0; i < leaf.length; i++) {
            if (buffer.getByte(end + i) != leaf[i]) {
                return null;
            }
        }
        if (buffer.indexOf(from + 1, end, (byte) '/') >= 0) {
            return null;
        }
        return PasskeyHash.of(ByteBufUtil.getBytes(buffer, from + 1, length));
    }
}
