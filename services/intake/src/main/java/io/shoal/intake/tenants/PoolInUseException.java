package io.shoal.intake.tenants;

/** The pool has tenants, transfers or content, so it cannot be deleted. */
public final class PoolInUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
