package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The sender wants nothing now, or wants something again (BEP 21).
 *
 * @param uploadOnly whether it wants nothing
 */
public record UploadOnly(boolean uploadOnly) implements ExtensionMessage {
    @Override
    public Extension extension() {
        return Extension.UPLOAD_ONLY;
    }

    @Override
    public byte[] encode() {
        return new byte[] {(byte) (uploadOnly ? 1 : 0)};
    }

    static @Nullable UploadOnly decode(ByteBuf payload) {
        return payload.isReadable() ? new UploadOnly(payload.readByte() != 0) : null;
    }
}
