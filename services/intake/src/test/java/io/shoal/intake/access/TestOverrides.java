package io.shoal.intake.access;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Limits that tests set for single tenants. */
@Alternative
@Priority(1)
@ApplicationScoped
public class TestOverrides implements RequestLimitOverrides {
    private final Map<UUID, RequestLimit> limits = new ConcurrentHashMap<>();

    public void set(UUID tenant, RequestLimit limit) {
        limits.put(tenant, limit);
    }

    @Override
    public Optional<RequestLimit> of(UUID tenant) {
        return Optional.ofNullable(limits.get(tenant));
    }
}
