package io.shoal.intake.quotas;

/** The quotas that can refuse a request. */
public enum QuotaKind {
    STORED_BYTES,
    TRANSFERS,
    RESOLVING
}
