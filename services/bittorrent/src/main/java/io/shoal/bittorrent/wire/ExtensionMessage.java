package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A message of the extension protocol (BEP 10). A new one is added here, to {@link Extension}, and to its handler. */
public sealed interface ExtensionMessage permits ExtendedHandshake, MetadataMessage, PexMessage, UploadOnly {
    /** The extension under whose id it is sent; null for the extended handshake, which has the id 0. */
    @Nullable
    Extension extension();

    /** The payload of the message. */
    byte[] encode();

    /**
     * Reads all of {@code payload}.
     *
     * @param id 0 for the extended handshake, otherwise an id of {@link Extension#id}
     * @return null for a message that must be ignored, such as one under an id that was not announced
     * @throws PeerWireException if it is malformed
     */
    static @Nullable ExtensionMessage decode(int id, ByteBuf payload) throws PeerWireException {
        if (id == 0) {
            return ExtendedHandshake.decode(payload);
        }
        for (Extension extension : Extension.values()) {
            if (extension.id() == id) {
                return extension.decode(payload);
            }
        }
        return null;
    }
}
