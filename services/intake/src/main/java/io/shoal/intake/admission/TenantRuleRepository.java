package io.shoal.intake.admission;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/** Rules by their tenant's id. */
@ApplicationScoped
class TenantRuleRepository implements PanacheRepositoryBase<TenantRule, UUID> {}
