package io.shoal.intake.events;

import io.shoal.intake.access.Credential;
import io.shoal.intake.changes.ChangePosition;
import io.shoal.intake.transfers.ListOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The stream of one client. It lists the library if the client has no position in it, catches up with the changes since its position,
 * and is live then: what happens is sent to all live streams of the library alike. One that cannot keep up catches up again when
 * its client has read what it was sent.
 *
 * <p>The phase is changed by the one thread that advances the stream, and while it is live by its library only.
 */
final class LibraryStream {
    /** With so many bytes that are not sent a stream lags behind: more than the figures of 5,000 transfers have. */
    private static final int LAG_BYTES = 1 << 20;

    /** What a stream does. */
    sealed interface Phase {
        /** It begins after this position; null: with the whole library. */
        record Starting(@Nullable String since) implements Phase {}

        /** It begins anew, because its position means nothing any more. */
        record Restarting() implements Phase {}

        /** It lists the library as it has been at the position or later, after this transfer. */
        record Listing(ChangePosition position, ListOrder.@Nullable Position after) implements Phase {}

        /** It sends changes after this position. */
        record CatchingUp(ChangePosition position) implements Phase {}

        /** It is sent what its library is. */
        record Live() implements Phase {}
    }

    private final Credential caller;
    private final @Nullable String label;
    private final EventResponse response;
    private final EventPlaces.Place place;
    private final FollowedLibrary library;
    private final AtomicBoolean isAdvancing = new AtomicBoolean();
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private volatile Phase phase;
    private boolean lacksFigures = true;

    /**
     * @param label that the transfers have which are shown; null: all are
     * @param since the text of a position; null: from the beginning
     */
    LibraryStream(
            Credential caller,
            @Nullable String label,
            @Nullable String since,
            EventResponse response,
            EventPlaces.Place place,
            FollowedLibrary library) {
        this.caller = caller;
        this.label = label;
        this.response = response;
        this.place = place;
        this.library = library;
        this.phase = new Phase.Starting(since);
    }

    Credential caller() {
        return caller;
    }

    @Nullable
    String label() {
        return label;
    }

    EventResponse response() {
        return response;
    }

    FollowedLibrary library() {
        return library;
    }

    Phase phase() {
        return phase;
    }

    void become(Phase next) {
        phase = next;
    }

    boolean isLive() {
        return phase instanceof Phase.Live;
    }

    boolean isLagging() {
        long pending = response.pending();
        return pending > LAG_BYTES || pending > 0 && library.held().areTooMany();
    }

    /** Whether it has not been sent some figures since it was sent all of them. Guarded by the library. */
    boolean lacksFigures() {
        return lacksFigures;
    }

    void lackFigures(boolean lacks) {
        lacksFigures = lacks;
    }

    /** Returns whether the caller may advance it, as the only one until {@link #advanced}. */
    boolean mayAdvance() {
        return !isLive()
                && !isClosed.get()
                && response.pending() == 0
                && !library.held().areTooMany()
                && isAdvancing.compareAndSet(false, true);
    }

    void advanced() {
        isAdvancing.set(false);
    }

    void send(byte[] events) {
        response.send(new Frame(events, library.held()));
    }

    /** Ends it; returns whether it had not ended before. */
    boolean close() {
        if (isClosed.getAndSet(true)) {
            return false;
        }
        place.close();
        response.end();
        return true;
    }
}
