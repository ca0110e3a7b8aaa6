package io.shoal.intake.quotas;

/** What one tenant may use and uses. */
public record Quota(QuotaLimits limits, QuotaUsage usage) {}
