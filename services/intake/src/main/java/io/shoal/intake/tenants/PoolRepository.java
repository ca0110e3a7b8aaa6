package io.shoal.intake.tenants;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/** Pools by their id. */
@ApplicationScoped
class PoolRepository implements PanacheRepositoryBase<Pool, UUID> {}
