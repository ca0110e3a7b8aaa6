package io.shoal.intake.quotas;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The limits of a new tenant. They are stored with the tenant, so a change applies to tenants that are created later. */
@ConfigMapping(prefix = "shoal.quota")
interface QuotaSettings {
    /** 1 TiB. */
    @WithDefault("1099511627776")
    long storedBytes();

    @WithDefault("10000")
    long transfers();

    @WithDefault("20")
    int activeDownloads();

    @WithDefault("50")
    int resolving();

    @WithDefault("50")
    int requestsPerSecond();

    @WithDefault("200")
    int requestBurst();

    @WithDefault("0")
    long downRate();

    @WithDefault("0")
    long upRate();

    default QuotaLimits limits() {
        return new QuotaLimits(
                storedBytes(),
                transfers(),
                activeDownloads(),
                resolving(),
                requestsPerSecond(),
                requestBurst(),
                downRate(),
                upRate());
    }
}
