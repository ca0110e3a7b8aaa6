package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessages;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;

/** A seed that accepts connections, unchokes, and answers the requests that its script lets it answer. */
public class ScriptedSeed extends ScriptedPeer {
    private final int host;
    private final Info info;
    private final byte[] content;
    private final IntPredicate answers;
    private int requests;

    /** @param answers whether the {@code n}th request, counted from 1, is answered; otherwise it is forgotten */
    public ScriptedSeed(int host, Info info, byte[] content, IntPredicate answers) {
        this.host = host;
        this.info = info;
        this.content = content;
        this.answers = answers;
    }

    @Override
    void begin(ByteBuf out) {
        PeerId id = PeerId.of(String.format("-SC0001-%012d", host).getBytes(StandardCharsets.US_ASCII));
        new Handshake(info.hash(), id, Capabilities.NONE).encode(out);
        BitSet all = new BitSet();
        all.set(0, info.pieces().count());
        PeerMessages.bitfield(out, all, info.pieces().count());
        PeerMessages.unchoke(out);
    }

    /** The {@code n}th request has arrived. */
    protected void requested(int n, int piece, int begin, int length) {
        if (answers.test(n)) {
            send(piece, begin, Arrays.copyOfRange(content, offset(piece, begin), offset(piece, begin) + length));
        }
    }

    private int offset(int piece, int begin) {
        return (int) info.pieces().offset(piece) + begin;
    }

    /** Sends a block; each on its own, because the simulated network delivers at once what is flushed at once. */
    protected final void send(int piece, int begin, byte[] block) {
        ByteBuf out = Unpooled.buffer();
        PeerMessages.blockHeader(out, piece, begin, block.length);
        out.writeBytes(block);
        send(out);
    }

    @Override
    public final void request(int piece, int begin, int length) {
        requested(++requests, piece, begin, length);
    }
}
