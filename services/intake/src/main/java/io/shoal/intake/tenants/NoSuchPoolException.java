package io.shoal.intake.tenants;

/** A tenant is to be put into a pool that does not exist. */
public final class NoSuchPoolException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
