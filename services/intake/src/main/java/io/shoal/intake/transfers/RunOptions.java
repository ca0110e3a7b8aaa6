package io.shoal.intake.transfers;

/**
 * How a transfer runs.
 *
 * @param forced whether it is given a download slot before all others that are not forced, and seeds after its goals are met
 * @param rates its own limits
 */
public record RunOptions(boolean forced, RateLimits rates) {
    /** In its turn, and as fast as its tenant's limits permit. */
    public static final RunOptions DEFAULT = new RunOptions(false, RateLimits.NONE);
}
