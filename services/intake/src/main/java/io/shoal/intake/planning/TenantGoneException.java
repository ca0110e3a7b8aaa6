package io.shoal.intake.planning;

/** The tenant was deleted while a request of it was handled. */
public final class TenantGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TenantGoneException() {
        super("the tenant is gone");
    }
}
