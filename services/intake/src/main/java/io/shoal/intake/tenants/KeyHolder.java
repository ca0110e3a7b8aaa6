package io.shoal.intake.tenants;

import java.util.UUID;

/** The tenant that holds an API key, as it was when the key was looked up. */
public record KeyHolder(UUID key, UUID tenant, TenantState state) {}
