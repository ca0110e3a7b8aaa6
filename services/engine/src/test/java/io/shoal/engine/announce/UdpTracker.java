package io.shoal.engine.announce;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The packets of a UDP tracker (BEP 15), as a test writes and reads them. */
final class UdpTracker {
    static final int CONNECT = 0;
    static final int ANNOUNCE = 1;
    static final int ERROR = 3;

    private UdpTracker() {}

    /** A request, as the tracker sees it. */
    record Packet(long connection, int action, int transaction, ByteBuffer bytes, SocketAddress from) {
        static Packet of(byte[] bytes, SocketAddress from) {
            ByteBuffer head = ByteBuffer.wrap(bytes);
            return new Packet(head.getLong(), head.getInt(), head.getInt(), head.rewind(), from);
        }
    }

    static byte[] connected(int transaction, long connection) {
        return ByteBuffer.allocate(16)
                .putInt(CONNECT)
                .putInt(transaction)
                .putLong(connection)
                .array();
    }

    /** An answer with one peer at port 80; the length of its address is that of its family. */
    static byte[] announced(int transaction, byte... peer) {
        return ByteBuffer.allocate(22 + peer.length)
                .putInt(ANNOUNCE)
                .putInt(transaction)
                .putInt(1800)
                .putInt(3)
                .putInt(4)
                .put(peer)
                .putShort((short) 80)
                .array();
    }

    static byte[] refused(int transaction, String reason) {
        return ByteBuffer.allocate(8 + reason.length())
                .putInt(ERROR)
                .putInt(transaction)
                .put(reason.getBytes(StandardCharsets.US_ASCII))
                .array();
    }
}
