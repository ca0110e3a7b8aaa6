package io.shoal.engine.net;

import io.netty.buffer.ByteBuf;

/**
 * The protocols that share the UDP socket of a listen port. Their first byte tells them apart: {@code 'd'} begins a
 * bencoded dictionary, a low nibble of 1 is the version of uTP, and trackers' actions begin with a zero.
 */
public enum DatagramKind {
    /** A message of the DHT (BEP 5): a bencoded dictionary. */
    KRPC,
    /** A packet of uTP (BEP 29): version 1, type 0 to 4. */
    UTP,
    /** A tracker's reply (BEP 15): action 0 to 3. Its transaction id says whether it was waited for. */
    TRACKER,
    /** None of these. */
    UNKNOWN;

    private static final int UTP_HEADER = 20;
    private static final int UTP_VERSION = 1;
    private static final int UTP_TYPE_MAX = 4;
    private static final int TRACKER_HEADER = 8;
    private static final int TRACKER_ACTION_MAX = 3;

    /** Returns the kind of a datagram, which may come from any host. */
    public static DatagramKind of(ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (length < 2) {
            return UNKNOWN;
        }
        int at = bytes.readerIndex();
        int first = bytes.getUnsignedByte(at);
        if (first == 'd') {
            return bytes.getByte(at + length - 1) == 'e' ? KRPC : UNKNOWN;
        }
        if ((first & 0x0f) == UTP_VERSION) {
            return length >= UTP_HEADER && first >> 4 <= UTP_TYPE_MAX ? UTP : UNKNOWN;
        }
        return length >= TRACKER_HEADER && bytes.getUnsignedInt(at) <= TRACKER_ACTION_MAX ? TRACKER : UNKNOWN;
    }
}
