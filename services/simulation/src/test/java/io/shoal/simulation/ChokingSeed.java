package io.shoal.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.engine.swarms.ScriptedSeed;

/** A seed that answers each request with a choke and an unchoke. */
final class ChokingSeed extends ScriptedSeed {
    /** More would keep the simulation busy until its memory ends. */
    private static final int REQUESTS_MAX = 200_000;

    private final int[] requests;

    /** @param requests counts those to all seeds of its kind */
    ChokingSeed(int host, TorrentContent content, int[] requests) {
        super(host, content.info, content.bytes, request -> false);
        this.requests = requests;
    }

    @Override
    protected void requested(int n, int piece, int begin, int length) {
        if (++requests[0] > REQUESTS_MAX) {
            throw new AssertionError("a flood of requests");
        }
        ByteBuf out = Unpooled.buffer();
        PeerMessages.choke(out);
        PeerMessages.unchoke(out);
        send(out);
    }
}
