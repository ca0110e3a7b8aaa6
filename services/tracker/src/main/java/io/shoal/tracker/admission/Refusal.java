package io.shoal.tracker.admission;

/**
 * Why a client gets no peers, and when it may try again. libtorrent takes an HTTP failure without an interval for half an hour,
 * so every refusal has one.
 *
 * @param reason for a person to read; never holds anything that the client sent
 * @param kind what may change it
 * @param interval seconds after which the client is asked to announce again
 * @param minInterval seconds before which it must not
 * @param retryIn minutes after which to ask again (BEP 31), from 1; or {@link #NEVER} or {@link #UNSPECIFIED}
 */
public record Refusal(String reason, Kind kind, int interval, int minInterval, int retryIn) implements Verdict {
    /** What may change a refusal. */
    public enum Kind {
        /** The same request will never be granted. */
        PERMANENT,
        /** A later request may be granted. */
        TEMPORARY,
        /** A registration that is on its way may change it: the announce is worth waiting. */
        AWAITED
    }

    /** The value of {@code retryIn} for a request that will never be granted. */
    public static final int NEVER = -1;

    /** The value of {@code retryIn} where the client's own back-off is right. */
    public static final int UNSPECIFIED = 0;

    private static final int HOUR = 3_600;
    private static final int MINUTE = 60;

    /**
     * It is not registered, or it is private and the client has no passkey of a tenant that has it; the two are not told apart. It
     * may be registered the moment after its seed has announced, so the seed is not sent away.
     */
    public static final Refusal UNREGISTERED = awaited("unregistered torrent");

    /** It is on the operator's list. */
    public static final Refusal DENIED =
            new Refusal("torrent is not allowed here", Kind.TEMPORARY, HOUR, MINUTE, HOUR / MINUTE);

    /** The passkey is unknown or revoked; it may not have reached this replica yet. */
    public static final Refusal PASSKEY = awaited("unknown passkey");

    private static Refusal awaited(String reason) {
        return new Refusal(reason, Kind.AWAITED, 2 * MINUTE, MINUTE, UNSPECIFIED);
    }

    /** The same request will never be granted. */
    public static Refusal permanent(String reason) {
        return new Refusal(reason, Kind.PERMANENT, HOUR, MINUTE, NEVER);
    }

    /** A later request may be granted; the client's own back-off is right if it knows no interval. */
    public static Refusal temporary(String reason, int interval) {
        return new Refusal(reason, Kind.TEMPORARY, interval, Math.min(interval, MINUTE), UNSPECIFIED);
    }

    /** No request is granted for {@code minutes}. */
    public static Refusal forMinutes(String reason, int minutes) {
        return new Refusal(reason, Kind.TEMPORARY, minutes * MINUTE, minutes * MINUTE, minutes);
    }

    /** The same refusal, given at once because too many announces wait: the client must announce again in a minute. */
    public Refusal withoutWaiting() {
        return new Refusal(reason, kind, MINUTE, MINUTE, retryIn);
    }
}
