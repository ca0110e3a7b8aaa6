package io.shoal.tracker.announce;

import io.shoal.tracker.admission.Refusal;

/** What has become of an announce that was refused at first. */
public sealed interface Deferral permits Deferral.Answered, Deferral.Refused, PendingAnnounce {
    /** Its registration is there: the reply is filled. */
    record Answered() implements Deferral {}

    /**
     * It is not to wait any longer.
     *
     * @param refusal to be sent
     */
    record Refused(Refusal refusal) implements Deferral {}
}
