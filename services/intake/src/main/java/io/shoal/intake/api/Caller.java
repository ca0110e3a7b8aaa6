package io.shoal.intake.api;

import io.shoal.intake.tenants.Secret;
import io.shoal.intake.tenants.Tenants;
import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Who asks. A key that nobody has is refused, and so is one that is good for something else. */
@RequestScoped
class Caller {
    private static final String SCHEME = "Bearer ";
    private static final int MAX_CHARS = 200;

    private final Tenants tenants;
    private final Secret operator;
    private @Nullable UUID tenant;

    Caller(Tenants tenants, @ConfigProperty(name = "shoal.operator-key") String operatorKey) {
        this.tenants = tenants;
        this.operator = new Secret(operatorKey);
    }

    /** Lets the operator pass. */
    void mustBeOperator(@Nullable String authorization) {
        Secret secret = secret(authorization);
        if (!operator.matches(secret)) {
            throw ProblemException.of(
                    tenants.holderOf(secret).isPresent() ? ProblemKind.FORBIDDEN : ProblemKind.UNAUTHENTICATED);
        }
    }

    /** Lets a tenant pass. */
    void authenticateTenant(@Nullable String authorization) {
        Secret secret = secret(authorization);
        if (operator.matches(secret)) {
            throw ProblemException.of(ProblemKind.FORBIDDEN);
        }
        tenant = tenants.holderOf(secret).orElseThrow(() -> ProblemException.of(ProblemKind.UNAUTHENTICATED));
    }

    /** The tenant that asks. */
    UUID tenant() {
        return Optional.ofNullable(tenant).orElseThrow(() -> new IllegalStateException("nobody was let pass"));
    }

    /** The tenant that asks; empty if the operator does. */
    Optional<UUID> tenantIfAny() {
        return Optional.ofNullable(tenant);
    }

    private static Secret secret(@Nullable String authorization) {
        if (authorization == null
                || authorization.length() > MAX_CHARS
                || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw ProblemException.of(ProblemKind.UNAUTHENTICATED);
        }
        return new Secret(authorization.substring(SCHEME.length()).strip());
    }
}
