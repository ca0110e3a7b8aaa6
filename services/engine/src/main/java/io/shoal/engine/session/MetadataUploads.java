package io.shoal.engine.session;

import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.engine.metadata.MetadataServing;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Sends the info dictionary of a torrent to the peers that request it (BEP 9). */
final class MetadataUploads {
    private final Info info;
    private final LongSupplier clock;

    /** One copy for all peers. */
    private byte @Nullable [] bytes;

    /** @param clock the loop's, in nanoseconds */
    MetadataUploads(Info info, LongSupplier clock) {
        this.info = info;
        this.clock = clock;
    }

    void received(ConnectedPeer peer, MetadataMessage message) {
        if (!(message instanceof MetadataMessage.Request request) || !peer.connection.supports(Extension.METADATA)) {
            return; // a part or a rejection; this torrent has all of it
        }
        long now = clock.getAsLong();
        if (peer.metadata == null) {
            peer.metadata = new MetadataServing(bytes(), info.isPrivate(), now);
        }
        peer.connection.send(peer.metadata.answer(request, now));
    }

    private byte[] bytes() {
        byte[] all = bytes;
        if (all == null) {
            all = info.bytes();
            bytes = all;
        }
        return all;
    }
}
