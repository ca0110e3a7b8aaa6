package io.shoal.bench.trackers;

import io.netty.buffer.ByteBuf;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.udp.Responder;
import io.shoal.tracker.udp.UdpEdge;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The floor: the tracker's sockets and threads, with nothing behind them but replies of the right size. */
final class CannedReplies implements Responder {
    private static final int ANNOUNCE = 1;
    private static final int ANNOUNCE_BYTES = 98;
    private static final int PEER_BYTES = 6;

    private final byte[] peers;

    private CannedReplies(int peers) {
        this.peers = new byte[peers * PEER_BYTES];
    }

    /** Takes a port and a number of peers. */
    public static void main(String[] args) throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        int peers = Integer.parseInt(args[1]);
        try (UdpEdge edge = UdpEdge.listen(1, address, () -> new CannedReplies(peers), new Traffic())) {
            System.out.println("answers at " + edge.port());
            Thread.currentThread().join();
        }
    }

    @Override
    public void answer(ByteBuf in, Address source, int sourcePort, ByteBuf out) {
        if (in.readableBytes() < ANNOUNCE_BYTES) {
            out.writeInt(0).writeInt(in.getInt(12)).writeLong(1);
        } else {
            out.writeInt(ANNOUNCE)
                    .writeInt(in.getInt(12))
                    .writeInt(1_800)
                    .writeInt(1)
                    .writeInt(1);
            out.writeBytes(peers);
        }
    }
}
