package io.shoal.intake.access;

import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;

/** The configured limit holds for all tenants. */
@DefaultBean
@ApplicationScoped
class NoOverrides implements RequestLimitOverrides {
    @Override
    public Optional<RequestLimit> of(UUID tenant) {
        return Optional.empty();
    }
}
