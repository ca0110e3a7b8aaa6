package io.shoal.intake.api;

import io.shoal.intake.tenants.Scope;
import java.util.Map;

/** A request is refused with a problem (RFC 9457). */
final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** For a problem that may pass at any time. */
    static final long RETRY_SECONDS = 5;

    private final ProblemKind kind;
    private final transient Map<String, Object> members;
    private final long retrySeconds;

    private ProblemException(ProblemKind kind, String detail, Map<String, Object> members) {
        this(kind, detail, members, RETRY_SECONDS);
    }

    private ProblemException(ProblemKind kind, String detail, Map<String, Object> members, long retrySeconds) {
        super(detail);
        this.kind = kind;
        this.members = members;
        this.retrySeconds = retrySeconds;
    }

    static ProblemException of(ProblemKind kind) {
        return new ProblemException(kind, kind.title(), Map.of());
    }

    static ProblemException of(ProblemKind kind, String detail) {
        return new ProblemException(kind, detail, Map.of());
    }

    /** The request breaks {@code rule} in {@code field}. */
    static ProblemException invalid(ProblemKind kind, String field, String rule) {
        return new ProblemException(kind, field + " " + rule, Map.of("field", field, "rule", rule));
    }

    /** The key lacks this scope. */
    static ProblemException scopeMissing(Scope scope) {
        ProblemKind kind = ProblemKind.SCOPE_MISSING;
        return new ProblemException(kind, "The key lacks the scope " + scope.code(), Map.of("scope", scope.code()));
    }

    /** The server of a URL answered with {@code status}. */
    static ProblemException urlStatus(int status) {
        ProblemKind kind = ProblemKind.URL_STATUS;
        return new ProblemException(
                kind, "The URL's server answered with the status " + status, Map.of("serverStatus", status));
    }

    /** More requests than the limit allows; one is allowed again after so many seconds. */
    static ProblemException tooManyRequests(long retrySeconds) {
        ProblemKind kind = ProblemKind.TOO_MANY_REQUESTS;
        return new ProblemException(kind, kind.title(), Map.of(), retrySeconds);
    }

    /** Returns after how many seconds the request may be sent again, if it is refused for now. */
    long retrySeconds() {
        return retrySeconds;
    }

    ProblemKind kind() {
        return kind;
    }

    /** Returns the members of the problem that not every problem has. */
    Map<String, Object> members() {
        return members == null ? Map.of() : members;
    }
}
