package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.bittorrent.wire.WireLimits;
import java.util.BitSet;

/**
 * What a peer says, on its way to the {@link PeerListener}: checks every number against the torrent, tells what is news, and
 * remembers what the peer has said of itself. A message that breaks the protocol ends the conversation.
 */
final class PeerMessageReceiver implements PeerMessageHandler {
    private final Peer peer;
    private final TorrentContext world;
    private final PeerListener listener;
    private final OutstandingRequests debt;
    private final UploadQueue uploads;
    private final RateMeter down;

    boolean chokesUs = true;
    boolean isInterested;

    /** The number under which it takes metadata messages; 0 if it takes none. */
    int metadataId;

    String client = "";

    private boolean toldPieces;

    /** Pieces that it said it has. */
    private final BitSet told = new BitSet();

    PeerMessageReceiver(
            Peer peer,
            TorrentContext world,
            PeerListener listener,
            OutstandingRequests debt,
            UploadQueue uploads,
            RateMeter down) {
        this.peer = peer;
        this.world = world;
        this.listener = listener;
        this.debt = debt;
        this.uploads = uploads;
        this.down = down;
    }

    @Override
    public void keepAlive() {
        // having heard anything is all that it says
    }

    @Override
    public void choke() {
        if (!chokesUs) {
            chokesUs = true;
            debt.forget();
            listener.chokedUs();
        }
    }

    @Override
    public void unchoke() {
        if (chokesUs) {
            chokesUs = false;
            debt.unchoked();
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
        check(world.pieces().contains(piece), "HAVE of a piece that does not exist");
        toldPieces = true;
        told.set(piece);
        listener.has(piece);
    }

    @Override
    public void bitfield(ByteBuf bits) throws PeerWireException {
        BitSet has = PeerMessages.readBitfield(bits, world.pieces().count());
        if (toldPieces) { // not of BEP 3, but aria2 says it so when it has got many pieces at once
            has.andNot(told); // what is said again costs nothing
            told.or(has);
            has.stream().forEach(listener::has);
        } else {
            toldPieces = true;
            told.or(has);
            listener.has(has);
        }
    }

    @Override
    public void request(int piece, int begin, int length) throws PeerWireException {
        check(
                length <= WireLimits.REQUEST_BYTES && world.pieces().contains(piece, begin, length),
                "a request for bytes that do not exist");
        if (!peer.isChoked() && world.serves(piece)) {
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
        world.received(length);
        try {
            check(world.pieces().isBlock(piece, begin, length), "a block with wrong bounds");
            debt.paid(piece, begin, peer.heardAt());
        } catch (PeerWireException e) {
            data.release();
            throw e;
        }
        listener.block(piece, begin / Pieces.BLOCK, data);
    }

    @Override
    public void extended(int id, ByteBuf payload) throws PeerWireException {
        if (id == 0) {
            ExtendedHandshake handshake = ExtendedHandshake.decode(payload);
            metadataId = handshake.metadataId();
            client = handshake.client();
            if (handshake.requestQueue() > 0) {
                debt.bound(handshake.requestQueue());
            }
            listener.described(handshake);
        } else if (id == Peer.METADATA_ID) {
            MetadataMessage message = MetadataMessage.decode(payload);
            // Who asks and does not read what it asked for would have us keep it all.
            if (message != null && (peer.isWritable() || !(message instanceof MetadataMessage.Request))) {
                listener.metadata(message);
            }
        }
    }

    private static void check(boolean holds, String rule) throws PeerWireException {
        if (!holds) {
            throw new PeerWireException(rule);
        }
    }
}
