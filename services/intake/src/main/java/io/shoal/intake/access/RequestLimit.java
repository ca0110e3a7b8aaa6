package io.shoal.intake.access;

/**
 * How many requests may be sent.
 *
 * @param perSecond requests a second in the long run
 * @param burst requests at once after a pause
 */
public record RequestLimit(double perSecond, int burst) {
    public RequestLimit {
        if (!(perSecond > 0) || burst < 1) {
            throw new IllegalArgumentException("a limit of requests must allow some");
        }
    }

    /** Returns the share of one of {@code replicas}, among which requests are spread. */
    RequestLimit shareOf(int replicas) {
        return new RequestLimit(perSecond / replicas, Math.max(1, burst / replicas));
    }
}
