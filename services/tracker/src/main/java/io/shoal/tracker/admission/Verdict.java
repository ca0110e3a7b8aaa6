package io.shoal.tracker.admission;

/** What the rules of the house say to an asker. */
public sealed interface Verdict permits Verdict.Public, Member, Refusal {
    /** He joins the swarm that everybody may join. */
    Public PUBLIC = Public.SWARM;

    /** A verdict without more to say. */
    enum Public implements Verdict {
        SWARM
    }
}
