package io.shoal.bittorrent.announce;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Addresses packed end to end: 4 bytes and a port (BEP 23), or 16 bytes and a port (BEP 7), in network order. */
public final class CompactPeers {
    /** Bytes of a peer with an IPv4 address. */
    public static final int V4 = 6;

    /** Bytes of a peer with an IPv6 address. */
    public static final int V6 = 18;

    private CompactPeers() {}

    /**
     * Reads peers up to the end of {@code bytes}, which is consumed. Those with port 0 are left out, and a last one that is
     * cut off.
     *
     * @param width {@link #V4} or {@link #V6}
     * @param max how many to read at most
     */
    public static List<InetSocketAddress> decode(ByteBuffer bytes, int width, int max) {
        List<InetSocketAddress> peers = new ArrayList<>(Math.min(bytes.remaining() / width, max));
        while (bytes.remaining() >= width && peers.size() < max) {
            byte[] address = new byte[width - 2];
            bytes.get(address);
            int port = bytes.getShort() & 0xffff;
            if (port != 0) {
                peers.add(new InetSocketAddress(address(address), port));
            }
        }
        bytes.position(bytes.limit());
        return peers;
    }

    /** Packs those of {@code peers} that are of {@code width}. Each must be resolved. */
    public static byte[] encode(Collection<InetSocketAddress> peers, int width) {
        ByteBuffer bytes = ByteBuffer.allocate(peers.size() * width);
        for (InetSocketAddress peer : peers) {
            InetAddress address = peer.getAddress();
            if (address instanceof Inet4Address == (width == V4)) {
                bytes.put(address.getAddress()).putShort((short) peer.getPort());
            }
        }
        byte[] packed = new byte[bytes.position()];
        bytes.flip().get(packed);
        return packed;
    }

    /** The address of exactly these 4 or 16 bytes. */
    static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length, e);
        }
    }
}
