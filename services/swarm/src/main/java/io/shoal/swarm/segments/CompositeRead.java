package io.shoal.swarm.segments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.engine.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One read of a block whose parts come from several places; the reader is called once, with the last part. Confined to
 * the torrent's loop.
 */
final class CompositeRead {
    private final Store.Reader reader;
    private final BooleanSupplier closed;
    private final List<@Nullable ByteBuf> parts = new ArrayList<>();
    private int missing = 1; // until all parts are requested
    private @Nullable Throwable failure;

    CompositeRead(Store.Reader reader, BooleanSupplier closed) {
        this.reader = reader;
        this.closed = closed;
    }

    /** Adds one more part after those before; returns its number. */
    int addPart() {
        parts.add(null);
        missing++;
        return parts.size() - 1;
    }

    /** The part was read; its bytes are taken over. */
    void partRead(int part, ByteBuf bytes) {
        parts.set(part, bytes);
        partFinished();
    }

    /** The part cannot be read, so neither can the whole. */
    void partFailed(Throwable cause) {
        failure = cause;
        partFinished();
    }

    /** All parts have been requested. */
    void allRequested() {
        partFinished();
    }

    private void partFinished() {
        if (--missing > 0) {
            return;
        }
        ByteBuf[] all = parts.stream().filter(part -> part != null).toArray(ByteBuf[]::new);
        Throwable cause = failure;
        if (cause == null && !closed.getAsBoolean()) {
            reader.done(Unpooled.wrappedBuffer(all));
            return;
        }
        for (ByteBuf part : all) {
            part.release();
        }
        if (cause != null && !closed.getAsBoolean()) {
            reader.failed(cause);
        }
    }
}
