package io.shoal.intake.quotas;

/** The tenant asked for more than it may use; nothing has changed. */
public final class QuotaExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final QuotaKind kind;
    private final long limit;
    private final long used;
    private final long needed;

    QuotaExceededException(QuotaKind kind, long limit, long used, long needed) {
        super(kind + ": " + used + " of " + limit + " are used, " + needed + " more are needed");
        this.kind = kind;
        this.limit = limit;
        this.used = used;
        this.needed = needed;
    }

    public QuotaKind kind() {
        return kind;
    }

    public long limit() {
        return limit;
    }

    public long used() {
        return used;
    }

    /** Returns how much was requested in addition to the usage. */
    public long needed() {
        return needed;
    }
}
