package io.shoal.intake.tenants;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant's request was authenticated with.
 *
 * @param session null: the key itself was sent
 */
public record KeyUser(UUID tenant, UUID key, @Nullable UUID session) {}
