package io.shoal.intake.tenants;

import java.util.UUID;

/**
 * Fired when a tenant was suspended, was resumed or is about to be deleted. Observers run in the transaction that changes the
 * tenant, so they must do little: what a library of many transfers needs belongs to a duty.
 *
 * @param state the state that holds from now on
 */
public record TenantStateChanged(UUID tenant, TenantState state) {}
