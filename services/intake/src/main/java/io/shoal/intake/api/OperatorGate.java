package io.shoal.intake.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

/** Requires an operator key before the body of a request is read. */
@Provider
@ForOperator
class OperatorGate implements ContainerRequestFilter {
    private final Caller caller;

    OperatorGate(Caller caller) {
        this.caller = caller;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        caller.authenticateOperator();
    }
}
