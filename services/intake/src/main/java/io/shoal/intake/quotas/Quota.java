package io.shoal.intake.quotas;

/** The limits and the usage of one tenant. */
public record Quota(QuotaLimits limits, QuotaUsage usage) {}
