package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** An extension of the extension protocol (BEP 10), with the message id under which this engine receives it. */
public enum Extension {
    /** The info dictionary (BEP 9). */
    METADATA("ut_metadata", 1) {
        @Override
        @Nullable
        ExtensionMessage decode(ByteBuf payload) throws PeerWireException {
            return MetadataMessage.decode(payload);
        }
    },

    /** Addresses of other peers (BEP 11). Neither announced nor used for a private torrent (BEP 27). */
    PEX("ut_pex", 2) {
        @Override
        ExtensionMessage decode(ByteBuf payload) throws PeerWireException {
            return PexMessage.decode(payload);
        }
    },

    /** Whether the sender wants nothing, when that changes (BEP 21, as libtorrent sends it). */
    UPLOAD_ONLY("upload_only", 3) {
        @Override
        @Nullable
        ExtensionMessage decode(ByteBuf payload) {
            return UploadOnly.decode(payload);
        }
    };

    private final String key;
    private final int id;

    Extension(String key, int id) {
        this.key = key;
        this.id = id;
    }

    /** Its key in the dictionary {@code m} of the extended handshake. */
    String key() {
        return key;
    }

    /** The message id under which this engine receives it. */
    public int id() {
        return id;
    }

    /** Reads all of {@code payload}. @return null for a message that must be ignored */
    abstract @Nullable ExtensionMessage decode(ByteBuf payload) throws PeerWireException;
}
