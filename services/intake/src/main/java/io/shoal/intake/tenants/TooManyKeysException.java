package io.shoal.intake.tenants;

/** The tenant has as many API keys as it may have. */
public final class TooManyKeysException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
