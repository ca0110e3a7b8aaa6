package io.shoal.tracker.admission;

/** The decision of the admission rules about a request. */
public sealed interface Verdict permits Verdict.Public, Member, Refusal {
    /** The client joins the public swarm. */
    Public PUBLIC = Public.SWARM;

    /** A verdict without more to say. */
    enum Public implements Verdict {
        SWARM
    }
}
