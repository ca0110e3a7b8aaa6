package io.shoal.intake.quotas;

import java.util.UUID;

/** The tenant may use less than before, or may use more: transfers that wait for a quota may continue. */
public record QuotaFreed(UUID tenant) {}
