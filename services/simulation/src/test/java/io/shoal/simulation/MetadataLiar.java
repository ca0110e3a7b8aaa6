package io.shoal.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.swarms.SimulatedNetwork;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A peer that offers metadata of some size, and sends zeros for it or nothing at all. */
final class MetadataLiar implements ConnectionHandler {
    private static final int OURS = 3;
    private static final int EXTENDED = 20;

    private final int host;
    private final TorrentContent content;
    private final int size;
    private final boolean answers;
    private final ByteBuf received = Unpooled.buffer();
    private boolean isGreeted;
    private @Nullable Connection connection;

    MetadataLiar(int host, TorrentContent content, int size, boolean answers) {
        this.host = host;
        this.content = content;
        this.size = size;
        this.answers = answers;
    }

    @Override
    public void opened(Connection opened) {
        connection = opened;
    }

    @Override
    public void received(ByteBuf bytes) {
        received.writeBytes(bytes);
        ByteBuf out = Unpooled.buffer();
        if (!isGreeted && received.readableBytes() >= Handshake.LENGTH) {
            isGreeted = true;
            received.skipBytes(Handshake.LENGTH);
            new Handshake(content.info.hash(), SimulatedNetwork.peerId(host), Capabilities.OURS).encode(out);
            PeerMessages.extended(
                    out, 0, BencodeEncoder.encode(Map.of("m", Map.of("ut_metadata", OURS), "metadata_size", size)));
        }
        while (isGreeted
                && received.readableBytes() >= 4
                && received.readableBytes() >= 4 + received.getInt(received.readerIndex())) {
            answer(received.readSlice(received.readInt()), out);
        }
        Connection to = Objects.requireNonNull(connection);
        to.write(out);
        to.flush();
    }

    private void answer(ByteBuf message, ByteBuf out) {
        if (!answers || message.readableBytes() < 2 || message.readByte() != EXTENDED || message.readByte() != OURS) {
            return;
        }
        try {
            if (MetadataMessage.decode(message) instanceof MetadataMessage.Request request) {
                int length = Math.min(MetadataMessage.PIECE, size - request.piece() * MetadataMessage.PIECE);
                byte[] zeros = new byte[length];
                PeerMessages.extended(out, 1, new MetadataMessage.Data(request.piece(), size, zeros).encode());
            }
        } catch (PeerWireException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void writabilityChanged() {}

    @Override
    public void closed() {}
}
