package io.shoal.intake.tenants;

/** Whether a tenant may use the platform. */
public enum TenantState {
    /** Its keys are valid. */
    ACTIVE,
    /** Its keys, passkeys and links are refused until it is resumed; its library is kept. */
    SUSPENDED,
    /** Its keys are gone; its library is being removed in the background. */
    DELETING
}
