package io.shoal.intake.accounting;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one torrent that one user sent and received, over all runs of the user's clients.
 *
 * @param user the passkey's id
 * @param name the passkey's; null once it is forgotten
 * @param uploaded bytes
 * @param downloaded bytes
 * @param sessions runs of a client
 * @param last the time of the last announce
 */
public record Account(
        UUID user,
        @Nullable String name,
        long uploaded,
        long downloaded,
        long seedingSeconds,
        long sessions,
        Instant last) {}
