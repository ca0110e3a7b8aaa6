package io.shoal.intake.access;

import java.util.Optional;
import java.util.UUID;

/** The request limits that the operator set for single tenants. Asked at most once in 10 seconds for each key. */
public interface RequestLimitOverrides {
    /** Returns the limit for each key of the tenant; empty: the configured one. */
    Optional<RequestLimit> of(UUID tenant);
}
