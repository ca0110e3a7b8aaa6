package io.shoal.intake.api;

import io.shoal.intake.quotas.Quota;
import io.shoal.intake.quotas.QuotaLimits;
import io.shoal.intake.quotas.QuotaUsage;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The limits and the usage of a tenant. */
@Schema(name = "Quota", description = "What a tenant may use and uses")
record QuotaView(Limits limits, Usage usage) {

    @Schema(name = "QuotaLimits")
    record Limits(
            @Schema(description = "Bytes of the files that its transfers have ever wanted")
            long storedBytes,

            long transfers,

            @Schema(description = "Unfinished transfers that run at once; the others are QUEUED")
            int activeDownloads,

            @Schema(description = "Magnets whose metadata is looked for at once")
            int resolving,

            @Schema(description = "API requests of one key per second, in the long run")
            int requestsPerSecond,

            @Schema(description = "API requests of one key at once")
            int requestBurst,

            @Schema(description = "Bytes per second that all its torrents together receive; 0: no limit")
            long downRate,

            @Schema(description = "Bytes per second that all its torrents together send; 0: no limit")
            long upRate) {}

    @Schema(name = "QuotaUsage")
    record Usage(
            @Schema(description = "Charged until the transfer is removed: deselecting a file frees nothing")
            long storedBytes,

            long transfers,
            long activeDownloads,

            @Schema(description = "Transfers that wait for a download slot")
            long queuedDownloads,

            long resolving) {}

    static QuotaView of(Quota quota) {
        QuotaLimits limits = quota.limits();
        QuotaUsage usage = quota.usage();
        return new QuotaView(
                new Limits(
                        limits.storedBytes(),
                        limits.transfers(),
                        limits.activeDownloads(),
                        limits.resolving(),
                        limits.requestsPerSecond(),
                        limits.requestBurst(),
                        limits.downRate(),
                        limits.upRate()),
                new Usage(
                        usage.storedBytes(),
                        usage.transfers(),
                        usage.activeDownloads(),
                        usage.queuedDownloads(),
                        usage.resolving()));
    }
}
