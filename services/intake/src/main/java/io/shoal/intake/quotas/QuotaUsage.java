package io.shoal.intake.quotas;

/**
 * The usage of one tenant.
 *
 * @param storedBytes charged to its transfers
 * @param transfers in its library
 * @param activeDownloads that hold a slot
 * @param queuedDownloads that wait for a slot
 * @param resolving magnets whose metadata is being looked for
 */
public record QuotaUsage(
        long storedBytes, long transfers, long activeDownloads, long queuedDownloads, long resolving) {}
