package io.shoal.intake.tenants;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/** Tenants by their id. */
@ApplicationScoped
class TenantRepository implements PanacheRepositoryBase<Tenant, UUID> {}
