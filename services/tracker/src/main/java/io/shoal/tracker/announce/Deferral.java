package io.shoal.tracker.announce;

import io.shoal.tracker.admission.Refusal;

/** The outcome of an announce that was refused at first. */
public sealed interface Deferral permits Deferral.Answered, Deferral.Refused, PendingAnnounce {
    /** Its registration is there: the reply is filled. */
    record Answered() implements Deferral {}

    /**
     * It must not wait any longer.
     *
     * @param refusal to be sent
     */
    record Refused(Refusal refusal) implements Deferral {}
}
