package io.shoal.intake.transfers;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;

/**
 * How many bytes per second a transfer may receive and send. They apply to content that its tenant owns alone.
 *
 * @param down 0 for no limit
 * @param up 0 for no limit
 */
@Embeddable
public record RateLimits(
        @Column(name = "down_rate") long down,
        @Column(name = "up_rate") long up) {
    /** No limits. */
    public static final RateLimits NONE = new RateLimits(0, 0);
}
