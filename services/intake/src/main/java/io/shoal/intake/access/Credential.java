package io.shoal.intake.access;

import io.shoal.intake.tenants.TenantState;
import java.util.UUID;

/**
 * A tenant's API key, as it was when it was looked up.
 *
 * @param key the id of the key
 * @param limit how many requests the key may send to all replicas
 */
public record Credential(UUID key, UUID tenant, TenantState state, RequestLimit limit) {}
