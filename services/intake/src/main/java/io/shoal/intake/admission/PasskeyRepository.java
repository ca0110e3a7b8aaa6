package io.shoal.intake.admission;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/** Passkeys by their id. */
@ApplicationScoped
class PasskeyRepository implements PanacheRepositoryBase<Passkey, UUID> {}
