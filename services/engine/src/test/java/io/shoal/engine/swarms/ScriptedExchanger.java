package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.ExtendedHandshake.Addresses;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.ExtensionIds;
import io.shoal.bittorrent.wire.ExtensionMessage;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.bittorrent.wire.PexMessage.Contact;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A peer that accepts connections, has no piece, and exchanges addresses. It has the info dictionary if it is told so, and then names
 * peers as soon as it has sent it.
 */
final class ScriptedExchanger extends ScriptedPeer {
    final List<ExtendedHandshake> handshakes = new ArrayList<>();
    final List<PexMessage> received = new ArrayList<>();

    private final int host;
    private final InfoHash hash;
    private final @Nullable Info served;
    private final List<InetSocketAddress> namedAfterwards;

    ScriptedExchanger(int host, InfoHash hash) {
        this(host, hash, null, List.of());
    }

    /**
     * @param served the metadata that it serves
     * @param namedAfterwards the peers that it names as soon as it has sent the metadata
     */
    ScriptedExchanger(int host, InfoHash hash, @Nullable Info served, List<InetSocketAddress> namedAfterwards) {
        this.host = host;
        this.hash = hash;
        this.served = served;
        this.namedAfterwards = namedAfterwards;
    }

    @Override
    void begin(ByteBuf out) {
        new Handshake(hash, SimulatedNetwork.peerId(host), Capabilities.OURS).encode(out);
        ExtendedHandshake handshake = new ExtendedHandshake(
                ExtensionIds.ours(EnumSet.allOf(Extension.class)),
                served == null ? 0 : served.size(),
                0,
                0,
                "",
                null,
                Addresses.NONE);
        PeerMessages.extended(out, 0, handshake.encode());
    }

    /** Names these peers, whether or not that was asked for. */
    void name(List<InetSocketAddress> addresses) {
        PexMessage message = new PexMessage(
                addresses.stream().map(each -> new Contact(each, Set.of())).toList(), List.of());
        ByteBuf out = Unpooled.buffer();
        PeerMessages.extended(out, Extension.PEX.id(), message.encode());
        send(out);
    }

    /** All addresses that it was told. */
    List<InetSocketAddress> told() {
        return received.stream()
                .flatMap(message -> message.added().stream())
                .map(Contact::address)
                .toList();
    }

    private void answer(MetadataMessage.Request request) {
        if (served != null) {
            int from = request.piece() * MetadataMessage.PIECE;
            byte[] piece =
                    Arrays.copyOfRange(served.bytes(), from, Math.min(served.size(), from + MetadataMessage.PIECE));
            ByteBuf out = Unpooled.buffer();
            PeerMessages.extended(
                    out,
                    Extension.METADATA.id(),
                    new MetadataMessage.Data(request.piece(), served.size(), piece).encode());
            send(out);
            name(namedAfterwards);
        }
    }

    @Override
    public void extended(int id, ByteBuf payload) throws PeerWireException {
        switch (ExtensionMessage.decode(id, payload)) {
            case ExtendedHandshake handshake -> handshakes.add(handshake);
            case PexMessage message -> received.add(message);
            case MetadataMessage.Request request -> answer(request);
            case null, default -> {}
        }
    }
}
