package io.shoal.intake.api;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.shoal.intake.access.Credential;
import io.shoal.intake.access.Credentials;
import io.shoal.intake.access.LastUses;
import io.shoal.intake.access.LimitStatus;
import io.shoal.intake.access.OperatorKeys;
import io.shoal.intake.access.RequestLimiter;
import io.shoal.intake.access.TrustedProxies;
import io.shoal.intake.audit.Actor;
import io.shoal.intake.audit.CurrentActor;
import io.shoal.intake.tenants.Scope;
import io.shoal.intake.tenants.Secret;
import io.shoal.intake.transfers.VisibleLibrary;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.HttpHeaders;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The caller of a request: authenticated, and within its limit. Requests are counted by address before their key is looked
 * up in the database, except those with a key that was valid a moment ago; then by key. Operator keys are not limited: they cost no
 * query.
 */
@RequestScoped
class Caller {
    private static final String SCHEME = "Bearer ";
    private static final int MAX_CHARS = 200;
    private static final String FORWARDED_FOR = "X-Forwarded-For";

    private final Credentials credentials;
    private final OperatorKeys operators;
    private final RequestLimiter limiter;
    private final LastUses uses;
    private final TrustedProxies proxies;
    private final CurrentVertxRequest current;
    private final CurrentActor actor;
    private @Nullable Credential key;

    Caller(
            Credentials credentials,
            OperatorKeys operators,
            RequestLimiter limiter,
            LastUses uses,
            TrustedProxies proxies,
            CurrentVertxRequest current,
            CurrentActor actor) {
        this.credentials = credentials;
        this.operators = operators;
        this.limiter = limiter;
        this.uses = uses;
        this.proxies = proxies;
        this.current = current;
        this.actor = actor;
    }

    /** Authenticates an operator. */
    void authenticateOperator() {
        if (operator().isEmpty()) {
            authenticateKey();
            throw ProblemException.of(ProblemKind.FORBIDDEN);
        }
    }

    /** Authenticates a tenant. */
    void authenticateTenant() {
        if (operator().isPresent()) {
            throw ProblemException.of(ProblemKind.FORBIDDEN);
        }
        Credential found = authenticateKey();
        key = switch (found.state()) {
            case ACTIVE -> found;
            case SUSPENDED -> throw ProblemException.of(ProblemKind.SUSPENDED);
            case DELETING -> throw ProblemException.of(ProblemKind.UNAUTHENTICATED);
        };
    }

    /** Refuses the request if the tenant's key lacks {@code scope}. */
    void requireScope(Scope scope) {
        if (!key().has(scope)) {
            throw ProblemException.scopeMissing(scope);
        }
    }

    private Optional<String> operator() {
        Optional<String> id = bearer().flatMap(operators::idOf);
        id.ifPresent(operator -> actor.set(Actor.operator(operator, address())));
        return id;
    }

    private Credential authenticateKey() {
        Optional<Secret> secret = bearer();
        if (secret.flatMap(credentials::remembered).isEmpty()) {
            count(limiter.take(address()));
        }
        Credential found =
                secret.flatMap(credentials::find).orElseThrow(() -> ProblemException.of(ProblemKind.UNAUTHENTICATED));
        count(limiter.take(found.key(), found.limit()));
        uses.used(found);
        actor.set(Actor.key(found.key(), address()));
        return found;
    }

    /** Shows the client the rest of its limit; refuses the request if nothing is left. */
    private void count(LimitStatus taken) {
        HttpServerResponse response = current.getCurrent().response();
        response.putHeader("RateLimit-Limit", Integer.toString(taken.limit().burst()));
        response.putHeader("RateLimit-Remaining", Integer.toString(taken.remaining()));
        response.putHeader("RateLimit-Reset", Long.toString(seconds(taken.reset())));
        if (!taken.allowed()) {
            throw ProblemException.tooManyRequests(seconds(taken.retryAfter()));
        }
    }

    private static long seconds(Duration duration) {
        return duration.plusNanos(999_999_999).toSeconds();
    }

    /** Returns the key or the session of the request, and its tenant. */
    Credential key() {
        return Optional.ofNullable(key)
                .orElseThrow(() -> new IllegalStateException("the request was not authenticated"));
    }

    /** Returns the tenant of the request; empty if it is an operator's. */
    Optional<UUID> tenantIfAny() {
        return Optional.ofNullable(key).map(Credential::tenant);
    }

    /** Returns the tenant of the request. */
    UUID tenant() {
        return key().tenant();
    }

    /** Returns the label that the caller's app key is bound to; empty if the key is none. */
    Optional<String> label() {
        return Optional.ofNullable(key().label());
    }

    /** Returns whether the request was sent with an app key, or a session of one. */
    boolean isAppKey() {
        return key != null && key.label() != null;
    }

    /** Returns the part of the tenant's library that the caller sees and changes. */
    VisibleLibrary library() {
        return library(key());
    }

    /** Returns the part of its tenant's library that a key sees and changes. */
    static VisibleLibrary library(Credential key) {
        return new VisibleLibrary(key.tenant(), key.label());
    }

    private InetAddress address() {
        HttpServerRequest request = current.getCurrent().request();
        return proxies.client(
                request.remoteAddress().hostAddress(), request.headers().getAll(FORWARDED_FOR));
    }

    private Optional<Secret> bearer() {
        String authorization = current.getCurrent().request().getHeader(HttpHeaders.AUTHORIZATION);
        return authorization == null
                        || authorization.length() > MAX_CHARS
                        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.empty()
                : Optional.of(
                        new Secret(authorization.substring(SCHEME.length()).strip()));
    }
}
