package io.shoal.intake.tenants;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/** Sessions by their id. */
@ApplicationScoped
class ApiSessionRepository implements PanacheRepositoryBase<ApiSession, UUID> {}
