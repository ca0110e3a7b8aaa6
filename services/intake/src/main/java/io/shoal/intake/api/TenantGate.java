package io.shoal.intake.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

/** Requires a tenant's key before the body of a request is read. */
@Provider
@ForTenant
class TenantGate implements ContainerRequestFilter {
    private final Caller caller;

    TenantGate(Caller caller) {
        this.caller = caller;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        caller.authenticateTenant();
    }
}
