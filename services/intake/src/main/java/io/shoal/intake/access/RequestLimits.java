package io.shoal.intake.access;

import java.util.Optional;
import java.util.UUID;

/** The request limits of tenants. Queried at most once in 10 seconds for each key. */
public interface RequestLimits {
    /** Returns the limit for each key of the tenant, if it exists. */
    Optional<RequestLimit> of(UUID tenant);
}
