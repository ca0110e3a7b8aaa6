package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Splits a peer's stream into messages (BEP 3), however it is divided into reads.
 *
 * <p>A block that lies wholly in one read is passed on as a slice of it; a block that is split over reads is copied
 * once, into a buffer of its own length. Any other message that is split is collected in a buffer that grows with the
 * received bytes, so that a peer cannot make us reserve more than about twice what it has sent. Messages of unknown
 * kind are skipped, as BEP 4 requires.
 */
public final class PeerMessageDecoder {
    private static final int LENGTH_BYTES = 4;
    private static final int BLOCK_HEADER = 8;

    private final ByteBufAllocator allocator;
    private final PeerMessageHandler handler;

    /** Bytes of the header that is being read: length, kind, and for a block its piece and begin. */
    private final ByteBuf header;

    private State state = State.LENGTH;
    private int kind;
    private int remaining;
    private @Nullable ByteBuf partial;
    private boolean closed;

    private enum State {
        LENGTH,
        KIND,
        BODY,
        BLOCK_HEADER,
        BLOCK,
        SKIP
    }

    /** {@code allocator} allocates the buffers of blocks that are split over reads. */
    public PeerMessageDecoder(ByteBufAllocator allocator, PeerMessageHandler handler) {
        this.allocator = allocator;
        this.handler = handler;
        this.header = Unpooled.buffer(BLOCK_HEADER, BLOCK_HEADER);
    }

    /**
     * Decodes all of {@code in} and calls the handler for each message. {@code in} remains the caller's.
     *
     * @throws PeerWireException if the peer broke the protocol; nothing more may be decoded then
     */
    public void decode(ByteBuf in) throws PeerWireException {
        while (in.isReadable() && !closed) {
            switch (state) {
                case LENGTH -> length(in);
                case KIND -> kind(in);
                case BODY -> body(in);
                case BLOCK_HEADER -> blockHeader(in);
                case BLOCK -> block(in);
                case SKIP -> skip(in);
            }
        }
    }

    /** Ends decoding: no more calls are made, even if the handler calls this from within {@link #decode}. */
    public void close() {
        closed = true;
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }

    private void length(ByteBuf in) throws PeerWireException {
        if (!collectHeader(in, LENGTH_BYTES)) {
            return;
        }
        remaining = header.readInt();
        header.clear();
        if (remaining < 0 || remaining > WireLimits.MESSAGE_BYTES) {
            throw new PeerWireException("a message longer than " + WireLimits.MESSAGE_BYTES + " bytes");
        }
        if (remaining == 0) {
            handler.keepAlive();
        } else {
            state = State.KIND;
        }
    }

    private void kind(ByteBuf in) throws PeerWireException {
        kind = in.readUnsignedByte();
        remaining--;
        switch (kind) {
            case MessageKind.CHOKE, MessageKind.UNCHOKE, MessageKind.INTERESTED, MessageKind.NOT_INTERESTED -> {
                checkLength(remaining == 0);
                state = State.LENGTH;
                signal();
            }
            case MessageKind.HAVE -> begin(remaining == 4, State.BODY);
            case MessageKind.REQUEST, MessageKind.CANCEL -> begin(remaining == 12, State.BODY);
            case MessageKind.BITFIELD -> {
                begin(remaining <= WireLimits.BITFIELD_BYTES, State.BODY);
                if (remaining == 0) { // only the handler knows whether any is right
                    state = State.LENGTH;
                    handler.bitfield(Unpooled.EMPTY_BUFFER);
                }
            }
            case MessageKind.EXTENDED -> begin(remaining > 0 && remaining <= WireLimits.EXTENDED_BYTES, State.BODY);
            case MessageKind.PIECE -> {
                begin(
                        remaining > BLOCK_HEADER && remaining <= BLOCK_HEADER + WireLimits.BLOCK_BYTES,
                        State.BLOCK_HEADER);
                remaining -= BLOCK_HEADER;
            }
            default -> state = remaining == 0 ? State.LENGTH : State.SKIP;
        }
    }

    private void begin(boolean lengthFits, State next) throws PeerWireException {
        checkLength(lengthFits);
        state = next;
    }

    private void checkLength(boolean fits) throws PeerWireException {
        if (!fits) {
            throw new PeerWireException("message " + kind + " of a wrong length");
        }
    }

    private void signal() throws PeerWireException {
        switch (kind) {
            case MessageKind.CHOKE -> handler.choke();
            case MessageKind.UNCHOKE -> handler.unchoke();
            case MessageKind.INTERESTED -> handler.interested();
            default -> handler.notInterested();
        }
    }

    private void body(ByteBuf in) throws PeerWireException {
        if (partial == null && in.readableBytes() >= remaining) {
            ByteBuf whole = in.readSlice(remaining);
            state = State.LENGTH;
            message(whole);
            return;
        }
        ByteBuf collected = partial;
        if (collected == null) {
            collected = allocator.heapBuffer(Math.min(remaining, Math.max(256, in.readableBytes())), remaining);
            partial = collected;
        }
        int taken = Math.min(in.readableBytes(), remaining);
        collected.writeBytes(in, taken);
        remaining -= taken;
        if (remaining == 0) {
            partial = null;
            state = State.LENGTH;
            try {
                message(collected);
            } finally {
                collected.release();
            }
        }
    }

    private void message(ByteBuf body) throws PeerWireException {
        switch (kind) {
            case MessageKind.HAVE -> handler.have(body.readInt());
            case MessageKind.BITFIELD -> handler.bitfield(body);
            case MessageKind.REQUEST -> handler.request(body.readInt(), body.readInt(), body.readInt());
            case MessageKind.CANCEL -> handler.cancel(body.readInt(), body.readInt(), body.readInt());
            default -> handler.extended(body.readUnsignedByte(), body);
        }
    }

    private void blockHeader(ByteBuf in) {
        if (collectHeader(in, BLOCK_HEADER)) {
            state = State.BLOCK;
        }
    }

    private void block(ByteBuf in) throws PeerWireException {
        ByteBuf data;
        if (partial == null && in.readableBytes() >= remaining) {
            data = in.readRetainedSlice(remaining);
        } else {
            ByteBuf collected = partial;
            if (collected == null) {
                collected = allocator.directBuffer(remaining, remaining);
                partial = collected;
            }
            int taken = Math.min(in.readableBytes(), remaining);
            collected.writeBytes(in, taken);
            remaining -= taken;
            if (remaining > 0) {
                return;
            }
            data = collected;
            partial = null;
        }
        int piece = header.readInt();
        int begin = header.readInt();
        header.clear();
        state = State.LENGTH;
        handler.block(piece, begin, data);
    }

    private void skip(ByteBuf in) {
        int taken = Math.min(in.readableBytes(), remaining);
        in.skipBytes(taken);
        remaining -= taken;
        if (remaining == 0) {
            state = State.LENGTH;
        }
    }

    /** @return whether {@link #header} holds {@code length} bytes now */
    private boolean collectHeader(ByteBuf in, int length) {
        int missing = length - header.writerIndex();
        header.writeBytes(in, Math.min(missing, in.readableBytes()));
        return header.writerIndex() == length;
    }
}
