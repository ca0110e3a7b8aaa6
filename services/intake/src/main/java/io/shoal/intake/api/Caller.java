package io.shoal.intake.api;

import io.shoal.intake.access.Credentials;
import io.shoal.intake.tenants.KeyHolder;
import io.shoal.intake.tenants.Secret;
import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** The caller of a request. A key that does not exist is refused, and so is a key of the wrong kind. */
@RequestScoped
class Caller {
    private static final String SCHEME = "Bearer ";
    private static final int MAX_CHARS = 200;

    private final Credentials credentials;
    private final Secret operator;
    private @Nullable KeyHolder key;

    Caller(Credentials credentials, @ConfigProperty(name = "shoal.operator-key") String operatorKey) {
        this.credentials = credentials;
        this.operator = new Secret(operatorKey);
    }

    /** Lets the operator pass. */
    void authenticateOperator(@Nullable String authorization) {
        Secret secret = secret(authorization);
        if (!operator.matches(secret)) {
            throw ProblemException.of(
                    credentials.holderOf(secret).isPresent() ? ProblemKind.FORBIDDEN : ProblemKind.UNAUTHENTICATED);
        }
    }

    /** Lets a tenant pass. */
    void authenticateTenant(@Nullable String authorization) {
        Secret secret = secret(authorization);
        if (operator.matches(secret)) {
            throw ProblemException.of(ProblemKind.FORBIDDEN);
        }
        KeyHolder holder =
                credentials.holderOf(secret).orElseThrow(() -> ProblemException.of(ProblemKind.UNAUTHENTICATED));
        key = switch (holder.state()) {
            case ACTIVE -> holder;
            case SUSPENDED -> throw ProblemException.of(ProblemKind.SUSPENDED);
            case DELETING -> throw ProblemException.of(ProblemKind.UNAUTHENTICATED);
        };
    }

    /** Returns the key that asks, and its tenant. */
    KeyHolder key() {
        return Optional.ofNullable(key)
                .orElseThrow(() -> new IllegalStateException("the request was not authenticated"));
    }

    /** Returns the tenant that asks. */
    UUID tenant() {
        return key().tenant();
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
