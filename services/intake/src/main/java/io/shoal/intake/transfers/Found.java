package io.shoal.intake.transfers;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A transfer, and what is written down about it once a minute.
 *
 * @param activeAt the minute in which payload was last received or sent; null if none was
 * @param figure by which the list is ordered in which it was found; 0 if that is ordered by no figure
 */
public record Found(Transfer transfer, @Nullable Instant activeAt, double figure) {}
