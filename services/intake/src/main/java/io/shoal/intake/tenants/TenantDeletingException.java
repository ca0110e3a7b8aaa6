package io.shoal.intake.tenants;

/** The tenant is being deleted, so it can no longer be changed. */
public final class TenantDeletingException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
