package io.shoal.tracker.admission;

/**
 * Why a client gets no peers.
 *
 * @param reason for a person to read; never holds anything that the client sent
 * @param retryIn minutes after which to ask again (BEP 31), from 1; or {@link #NEVER} or {@link #UNSPECIFIED}
 */
public record Refusal(String reason, int retryIn) implements Verdict {
    /** The same request will never be granted. */
    public static final int NEVER = -1;

    /** The usual interval applies. */
    public static final int UNSPECIFIED = 0;

    /**
     * It is not registered, or it is private and the client has no passkey of a tenant that has it; the two are not told apart. It may be
     * registered the moment after its seed has announced, so the seed is not sent away.
     */
    public static final Refusal UNREGISTERED = new Refusal("unregistered torrent", UNSPECIFIED);

    /** It is on the operator's list. */
    public static final Refusal DENIED = new Refusal("torrent is not allowed here", UNSPECIFIED);

    /** The passkey is unknown or revoked; it may not have reached this replica yet. */
    public static final Refusal PASSKEY = new Refusal("unknown passkey", UNSPECIFIED);
}
