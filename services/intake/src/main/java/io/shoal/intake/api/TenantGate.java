package io.shoal.intake.api;

import io.shoal.intake.tenants.Scope;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.ext.Provider;
import java.util.List;

/**
 * Requires a tenant's key with the scope of the route, before the body of a request is read. App keys pass only where the route says
 * that it knows them.
 */
@Provider
@ForTenant
class TenantGate implements ContainerRequestFilter {
    private final Caller caller;
    private final ResourceInfo resource;

    TenantGate(Caller caller, ResourceInfo resource) {
        this.caller = caller;
        this.resource = resource;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        caller.authenticateTenant();
        if (caller.isAppKey() && !isForAppKeys()) {
            throw ProblemException.of(ProblemKind.NOT_FOR_APP_KEYS);
        }
        scopes(request.getMethod()).forEach(caller::requireScope);
    }

    private boolean isForAppKeys() {
        return resource.getResourceMethod().isAnnotationPresent(ForAppKeys.class)
                || resource.getResourceClass().isAnnotationPresent(ForAppKeys.class);
    }

    private List<Scope> scopes(String method) {
        RequiresScope ofMethod = resource.getResourceMethod().getAnnotation(RequiresScope.class);
        RequiresScope required =
                ofMethod == null ? resource.getResourceClass().getAnnotation(RequiresScope.class) : ofMethod;
        if (required != null) {
            return List.of(required.value());
        }
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        return List.of(reads ? Scope.READ : Scope.WRITE);
    }
}
