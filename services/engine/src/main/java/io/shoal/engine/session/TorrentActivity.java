package io.shoal.engine.session;

import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.limits.EngineLimits;
import java.util.function.BooleanSupplier;

/**
 * What a torrent does in its swarm now: follows from its mode, from what is still missing, and from whether the store
 * works.
 */
final class TorrentActivity {
    private final BooleanSupplier isDone;
    private Mode mode = Mode.STOP;
    private boolean storeFailed;
    private boolean closed;

    /** @param isDone whether no wanted piece is missing */
    TorrentActivity(BooleanSupplier isDone) {
        this.isDone = isDone;
    }

    Mode mode() {
        return mode;
    }

    /** Sets the mode, with which the store is tried again. */
    void setMode(Mode to) {
        mode = to;
        storeFailed = false;
    }

    /** The store has failed. @return whether that is new */
    boolean storeFailed() {
        boolean isNew = !storeFailed;
        storeFailed = true;
        return isNew;
    }

    /** The torrent leaves. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether the torrent takes part in the swarm. */
    boolean isActive() {
        return mode != Mode.STOP && !closed;
    }

    /** Whether no wanted piece is missing. */
    boolean isDone() {
        return isDone.getAsBoolean();
    }

    /** Whether pieces are missing that peers could deliver. */
    boolean needsPieces() {
        return mode == Mode.RUN && !storeFailed && !isDone();
    }

    /** Returns with how many peers no more are dialled. A torrent that needs no pieces dials fewer: its peers dial it. */
    int dialBelow() {
        if (!isActive()) {
            return 0;
        }
        return needsPieces() ? EngineLimits.DIAL_BELOW : EngineLimits.SEED_DIAL_BELOW;
    }
}
