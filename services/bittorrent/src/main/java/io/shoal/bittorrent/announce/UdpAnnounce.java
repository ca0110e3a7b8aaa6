package io.shoal.bittorrent.announce;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The announce over UDP (BEP 15, with the path of the URL as in BEP 41): a client first connects, to prove that it owns
 * its address, and then announces with the connection id from the reply, valid for a minute. Replies are matched by a
 * random transaction id of the client.
 */
public final class UdpAnnounce {
    /** Bytes of the largest answer that is read: {@link AnnounceReply#PEERS_MAX} peers with IPv6 addresses. */
    public static final int REPLY_MAX = 20 + CompactPeers.V6 * AnnounceReply.PEERS_MAX;

    private static final long PROTOCOL = 0x41727101980L;
    private static final int CONNECT = 0;
    private static final int ANNOUNCE = 1;
    private static final int ERROR = 3;
    private static final int URL_DATA = 2;

    private UdpAnnounce() {}

    /** A tracker's reply. */
    public sealed interface Reply {
        /** The transaction id of the request. */
        int transaction();

        /** The answer to {@link #connect}. */
        record Connected(int transaction, long connection) implements Reply {}

        /** The answer to {@link #announce}. */
        record Announced(int transaction, AnnounceReply reply) implements Reply {}

        /** A refusal of either; {@code reason} is cleaned. */
        record Refused(int transaction, String reason) implements Reply {}
    }

    /** Encodes a request for a connection id. */
    public static ByteBuffer connect(int transaction) {
        return ByteBuffer.allocate(16)
                .putLong(PROTOCOL)
                .putInt(CONNECT)
                .putInt(transaction)
                .flip();
    }

    /**
     * Encodes an announce.
     *
     * @param path path and query of the tracker's URL; empty if it has none
     */
    public static ByteBuffer announce(long connection, int transaction, AnnounceRequest request, String path) {
        byte[] urlData = path.getBytes(StandardCharsets.UTF_8);
        ByteBuffer packet = ByteBuffer.allocate(98 + urlData.length + 2 * (urlData.length / 255 + 1))
                .putLong(connection)
                .putInt(ANNOUNCE)
                .putInt(transaction)
                .put(request.infoHash().bytes())
                .put(request.peerId().bytes())
                .putLong(request.downloaded())
                .putLong(request.left())
                .putLong(request.uploaded())
                .putInt(request.event().udp())
                .put(ipv4(request.address()))
                .putInt(request.key())
                .putInt(request.wanted())
                .putShort((short) request.port());
        for (int at = 0; at < urlData.length; at += 255) {
            int length = Math.min(255, urlData.length - at);
            packet.put((byte) URL_DATA).put((byte) length).put(urlData, at, length);
        }
        return packet.flip();
    }

    /**
     * Parses a reply.
     *
     * @param v6 whether the tracker was asked over IPv6: its peers then have IPv6 addresses
     * @return null if the packet, which may come from any host, is not a reply
     */
    public static @Nullable Reply parse(ByteBuffer packet, boolean v6) {
        if (packet.remaining() < 8) {
            return null;
        }
        int action = packet.getInt();
        int transaction = packet.getInt();
        if (action == CONNECT && packet.remaining() >= 8) {
            return new Reply.Connected(transaction, packet.getLong());
        }
        if (action == ANNOUNCE && packet.remaining() >= 12) {
            int interval = Math.clamp(packet.getInt(), 0, AnnounceReply.INTERVAL_MAX);
            int leeches = Math.max(-1, packet.getInt());
            int seeds = Math.max(-1, packet.getInt());
            var peers = CompactPeers.decode(packet, v6 ? CompactPeers.V6 : CompactPeers.V4, AnnounceReply.PEERS_MAX);
            return new Reply.Announced(
                    transaction, new AnnounceReply(interval, 0, seeds, leeches, List.copyOf(peers), null, null));
        }
        if (action == ERROR) {
            String reason = StandardCharsets.UTF_8.decode(packet).toString();
            return new Reply.Refused(transaction, AnnounceException.clean(reason));
        }
        return null;
    }

    private static byte[] ipv4(@Nullable String address) {
        if (address != null) {
            try {
                if (InetAddress.ofLiteral(address) instanceof Inet4Address v4) {
                    return v4.getAddress();
                }
            } catch (IllegalArgumentException e) {
                return new byte[4]; // a name: the tracker must see for itself
            }
        }
        return new byte[4];
    }
}
