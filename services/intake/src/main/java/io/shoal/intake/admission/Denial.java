package io.shoal.intake.admission;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A torrent that the operator denies.
 *
 * @param hash 40 lower-case hexadecimal digits of a v1 info-hash, or 64 of a v2 info-hash
 * @param reason for the operator alone
 */
public record Denial(String hash, @Nullable String reason, Instant changedAt) {}
