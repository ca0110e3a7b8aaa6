package io.shoal.intake.api;

import java.util.Map;

/** A request that is refused: ends as a problem (RFC 9457). */
final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ProblemKind kind;
    private final transient Map<String, String> members;

    private ProblemException(ProblemKind kind, String detail, Map<String, String> members) {
        super(detail);
        this.kind = kind;
        this.members = members;
    }

    static ProblemException of(ProblemKind kind) {
        return new ProblemException(kind, kind.title(), Map.of());
    }

    static ProblemException of(ProblemKind kind, String detail) {
        return new ProblemException(kind, detail, Map.of());
    }

    /** What was sent breaks {@code rule} in {@code field}. */
    static ProblemException invalid(ProblemKind kind, String field, String rule) {
        return new ProblemException(kind, field + " " + rule, Map.of("field", field, "rule", rule));
    }

    ProblemKind kind() {
        return kind;
    }

    /** Members of the problem beside those that every one has. */
    Map<String, String> members() {
        return members == null ? Map.of() : members;
    }
}
