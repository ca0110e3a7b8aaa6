package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.ExtensionIds;
import io.shoal.bittorrent.wire.ExtensionMessage;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.bittorrent.wire.WireLimits;

/**
 * Handles a peer's messages for the {@link PeerListener}: checks every index against the torrent, and keeps what the
 * peer has announced about itself; its pieces are kept by the listener, once. A message that breaks the protocol ends the connection.
 */
final class PeerMessageReceiver implements PeerMessageHandler {
    private final Peer peer;
    private final TorrentContext context;
    private final PeerListener listener;
    private final OutstandingRequests requests;
    private final UploadQueue uploads;
    private final RateMeter down;

    boolean isChokingUs = true;
    boolean isInterested;

    /** The ids under which the peer receives extension messages. */
    ExtensionIds extensions = ExtensionIds.NONE;

    String client = "";

    PeerMessageReceiver(
            Peer peer,
            TorrentContext context,
            PeerListener listener,
            OutstandingRequests requests,
            UploadQueue uploads,
            RateMeter down) {
        this.peer = peer;
        this.context = context;
        this.listener = listener;
        this.requests = requests;
        this.uploads = uploads;
        this.down = down;
    }

    @Override
    public void keepAlive() {
        // a keep-alive only shows that the peer is alive
    }

    @Override
    public void choke() {
        if (!isChokingUs) {
            isChokingUs = true;
            requests.choked(peer.readingTime());
            listener.chokedUs();
        }
    }

    @Override
    public void unchoke() {
        if (isChokingUs) {
            isChokingUs = false;
            requests.unchoked();
            listener.unchokedUs();
        }
    }

    @Override
    public void interested() {
        setInterested(true);
    }

    @Override
    public void notInterested() {
        setInterested(false);
    }

    private void setInterested(boolean interest) {
        if (interest != isInterested) {
            isInterested = interest;
            listener.interestChanged();
        }
    }

    @Override
    public void have(int piece) throws PeerWireException {
        check(context.pieces().contains(piece), "HAVE of a piece that does not exist");
        listener.has(piece);
    }

    @Override
    public void bitfield(ByteBuf bits) throws PeerWireException {
        // BEP 3 allows it only once and first, but aria2 sends it when it has received many pieces at once.
        listener.has(PeerMessages.readBitfield(bits, context.pieces().count()));
    }

    @Override
    public void request(int piece, int begin, int length) throws PeerWireException {
        check(
                length <= WireLimits.REQUEST_BYTES && context.pieces().contains(piece, begin, length),
                "a request for bytes that do not exist");
        if (!peer.isChoked() && context.canServe(piece)) {
            uploads.add(piece, begin, length);
        }
    }

    @Override
    public void cancel(int piece, int begin, int length) {
        uploads.cancel(piece, begin, length);
    }

    @Override
    public void block(int piece, int begin, ByteBuf data) throws PeerWireException {
        int length = data.readableBytes();
        down.add(length);
        context.countReceived(length);
        try {
            check(context.pieces().isBlock(piece, begin, length), "a block with wrong bounds");
            requests.received(piece, begin, peer.readingTime());
        } catch (PeerWireException e) {
            data.release();
            throw e;
        }
        listener.block(piece, begin / Pieces.BLOCK, data);
    }

    @Override
    public void extended(int id, ByteBuf payload) throws PeerWireException {
        switch (ExtensionMessage.decode(id, payload)) {
            case null -> {} // unknown, or to be ignored
            case ExtendedHandshake handshake -> {
                extensions = extensions.with(handshake.ids());
                client = handshake.client().isEmpty() ? client : handshake.client();
                if (handshake.requestQueue() > 0) {
                    requests.limitTo(handshake.requestQueue());
                }
                listener.extension(handshake);
            }
            case MetadataMessage.Request request when !peer.isWritable() -> {
                // a peer that requests and does not read would make us keep every answer
            }
            case ExtensionMessage message -> listener.extension(message);
        }
    }

    private static void check(boolean holds, String rule) throws PeerWireException {
        if (!holds) {
            throw new PeerWireException(rule);
        }
    }
}
