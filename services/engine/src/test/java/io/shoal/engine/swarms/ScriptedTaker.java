package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessages;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/** A peer that dials a torrent, has nothing, is interested, and records what it is sent. */
final class ScriptedTaker extends ScriptedPeer {
    final BitSet haves = new BitSet();
    int reads;
    int blocks;
    int unchokes;
    int chokes;
    boolean isChoked = true;

    private final PeerId id;
    private final Info info;
    private final boolean requests;

    /** @param requests whether it requests the first block whenever it is unchoked */
    ScriptedTaker(int number, Info info, boolean requests) {
        this.id = PeerId.of(String.format("-TA0001-%012d", number).getBytes(StandardCharsets.US_ASCII));
        this.info = info;
        this.requests = requests;
    }

    @Override
    void begin(ByteBuf out) {
        new Handshake(info.hash(), id, Capabilities.NONE).encode(out);
        PeerMessages.interested(out);
    }

    @Override
    public void received(ByteBuf bytes) {
        reads++;
        super.received(bytes);
    }

    @Override
    public void unchoke() {
        isChoked = false;
        unchokes++;
        if (requests) {
            ByteBuf out = Unpooled.buffer();
            PeerMessages.request(out, 0, 0, Pieces.BLOCK);
            send(out);
        }
    }

    @Override
    public void choke() {
        isChoked = true;
        chokes++;
    }

    @Override
    public void block(int piece, int begin, ByteBuf data) {
        blocks++;
        super.block(piece, begin, data);
    }

    @Override
    public void have(int piece) {
        haves.set(piece);
    }
}
