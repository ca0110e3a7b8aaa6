package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.engine.picking.BlockList;
import io.shoal.engine.picking.PeerPieces;
import io.shoal.engine.picking.PiecePicker;
import io.shoal.engine.verifying.Sender;
import io.shoal.engine.webseeds.WebSeed;
import org.jspecify.annotations.Nullable;

/** A web seed and the state that the session keeps for it: to the picker it is a seed that is asked for runs of blocks. */
final class ConnectedWebSeed implements BlockSource, WebSeed.Listener {
    final String url;
    final WebSeed connection;
    private final Sender sender;
    private final Events events;

    /** Whether it should be asked for more. */
    boolean isWanted;

    /** Bytes of it that {@link io.shoal.engine.webseeds.WebServers} has counted. */
    long counted;

    /** Its pieces, while it is in use. */
    @Nullable
    PeerPieces pieces;

    /** Is notified of web seeds. */
    interface Events {
        void ready(BlockSource from);

        void block(BlockSource from, int piece, int block, ByteBuf data);

        void readComplete(BlockSource from);

        /** It is not in use any more. */
        void failed(ConnectedWebSeed webSeed);
    }

    ConnectedWebSeed(String url, SourceUrl parsed, Info info, WebSeed.Context context, Events events) {
        this.url = url;
        this.sender = new Sender.WebServer(url);
        this.events = events;
        this.connection = new WebSeed(info, parsed, context, this);
    }

    @Override
    public @Nullable PeerPieces pieces() {
        return pieces;
    }

    @Override
    public Sender sender() {
        return sender;
    }

    @Override
    public int requestsToSend() {
        return isWanted ? connection.toRequest() : 0;
    }

    /** Its runs are as long as it can deliver, and each piece should come from one source. */
    @Override
    public boolean canDeliver(int bytes, int seconds) {
        return true;
    }

    @Override
    public boolean isDelivering() {
        return connection.isInUse();
    }

    @Override
    public long rate() {
        return connection.rate();
    }

    @Override
    public long bestRate() {
        return connection.rate();
    }

    @Override
    public int pick(PiecePicker picker, PeerPieces from, int count, boolean fast, BlockList into) {
        int next = connection.nextPiece();
        int first = next < 0 && connection.isSequential() ? picker.firstMissing() : next;
        return picker.pickRun(from, count, first, connection.mustContinue(), into);
    }

    @Override
    public void request(int piece, int block) {
        connection.request(piece, block);
    }

    @Override
    public void cancel(int piece, int block) {
        connection.cancel(piece, block);
    }

    @Override
    public void cancelAll() {
        connection.cancelAll();
    }

    @Override
    public void flush() {
        connection.flush();
    }

    @Override
    public void ready() {
        events.ready(this);
    }

    @Override
    public void block(int piece, int block, ByteBuf data) {
        events.block(this, piece, block, data);
    }

    @Override
    public void readComplete() {
        events.readComplete(this);
    }

    @Override
    public void failed() {
        events.failed(this);
    }
}
