package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;

/**
 * What the sender of a handshake supports, as bits of the handshake's eight reserved bytes. Unknown bits are ignored.
 *
 * @param extended the extension protocol (BEP 10)
 * @param fast the fast extension (BEP 6)
 * @param dht the distributed hash table (BEP 5)
 * @param v2 a hybrid torrent's second info-hash (BEP 52)
 */
public record Capabilities(boolean extended, boolean fast, boolean dht, boolean v2) {
    public static final Capabilities NONE = new Capabilities(false, false, false, false);

    /** Of this engine. */
    public static final Capabilities OURS = new Capabilities(true, false, false, false);

    private static final long EXTENDED = 0x10L << 16; // the sixth byte
    private static final long V2 = 0x10;
    private static final long FAST = 0x04;
    private static final long DHT = 0x01;

    void encode(ByteBuf out) {
        out.writeLong((extended ? EXTENDED : 0) | (fast ? FAST : 0) | (dht ? DHT : 0) | (v2 ? V2 : 0));
    }

    static Capabilities decode(ByteBuf in) {
        long bits = in.readLong();
        return new Capabilities((bits & EXTENDED) != 0, (bits & FAST) != 0, (bits & DHT) != 0, (bits & V2) != 0);
    }
}
