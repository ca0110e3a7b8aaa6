package io.shoal.tracker.announce;

import io.shoal.tracker.admission.Refusal;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.waiting.WaitingPlaces;
import io.shoal.tracker.waiting.WaitingPlaces.Outcome;

/**
 * An announce that waits for the registration of its torrent or passkey. It holds a place until {@link #retry} answers or refuses
 * it, or until it is {@link #abandon}ed. Confined to the thread that owns the client's connection or socket.
 */
public final class PendingAnnounce implements Deferral {
    private final Tracker tracker;
    private final Request request;
    private final WaitingPlaces.Place place;

    PendingAnnounce(Tracker tracker, Request request, WaitingPlaces.Place place) {
        this.tracker = tracker;
        this.request = request;
        this.place = place;
    }

    /** Asks again: fills {@code reply}, refuses, or returns this if the announce must still wait. */
    public Deferral retry(Reply reply) {
        try {
            Refusal refusal = tracker.announce(request, reply);
            if (refusal == null) {
                place.leave(Outcome.SERVED);
                return new Answered();
            }
            if (refusal.kind() != Refusal.Kind.AWAITED) {
                place.leave(Outcome.REFUSED);
                return new Refused(refusal);
            }
            if (place.isOver()) {
                place.leave(Outcome.TIMED_OUT);
                return new Refused(refusal);
            }
            return this;
        } catch (RuntimeException | Error e) {
            abandon();
            throw e;
        }
    }

    /** The client has left, or cannot be answered. */
    public void abandon() {
        place.leave(Outcome.ABANDONED);
    }

    /** Whether its time has passed, so that {@link #retry} no longer returns this. */
    public boolean isOver() {
        return place.isOver();
    }

    /** Milliseconds that have passed since its time was over; negative before. */
    public long overdue() {
        return place.overdue();
    }

    /** The client's event, for the counts of what was answered. */
    public Event event() {
        return request.event();
    }
}
