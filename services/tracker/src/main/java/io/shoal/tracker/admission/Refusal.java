package io.shoal.tracker.admission;

/**
 * Why an asker gets no peers.
 *
 * @param reason for a person to read; never holds anything that the asker sent
 * @param retryIn minutes after which to ask again (BEP 31), from 1; or {@link #NEVER} or {@link #UNSAID}
 */
public record Refusal(String reason, int retryIn) implements Verdict {
    /** The same request will never be granted. */
    public static final int NEVER = -1;

    /** Whoever asks again as usual does right. */
    public static final int UNSAID = 0;

    /**
     * Nobody has it, or it is private and he who asks has no passkey of a tenant that has it: which of the two is not said. It may be
     * registered the moment after its seed has asked, so the seed is not sent away.
     */
    public static final Refusal UNREGISTERED = new Refusal("unregistered torrent", UNSAID);

    /** It is on the operator's list. */
    public static final Refusal DENIED = new Refusal("torrent is not allowed here", UNSAID);

    /** Nobody's passkey, or nobody's any more; it may not have reached this replica yet. */
    public static final Refusal PASSKEY = new Refusal("unknown passkey", UNSAID);
}
