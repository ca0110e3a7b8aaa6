package io.shoal.intake.quotas;

/**
 * The limits of one tenant.
 *
 * @param storedBytes length of the files that its transfers are charged for
 * @param transfers in its library
 * @param activeDownloads unfinished transfers that run at once; the rest is queued
 * @param resolving magnets whose metadata is being looked for at once
 * @param requestsPerSecond API requests a key may send in the long run
 * @param requestBurst API requests a key may send at once
 * @param downRate bytes its torrents may receive per second, all together, without those of its pool; 0 for no limit
 * @param upRate bytes its torrents may send per second, all together, without those of its pool; 0 for no limit
 */
public record QuotaLimits(
        long storedBytes,
        long transfers,
        int activeDownloads,
        int resolving,
        int requestsPerSecond,
        int requestBurst,
        long downRate,
        long upRate) {}
