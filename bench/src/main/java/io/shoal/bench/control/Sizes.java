package io.shoal.bench.control;

import java.time.Duration;

/**
 * How much of everything there is at one scale: 1 is what the targets are for. Rates, and the clients of a tenant, do not depend on it.
 *
 * @param scale above 0, at most 1
 */
record Sizes(double scale) {
    /** Clients of each tenant that follow its library. */
    static final int CLIENTS_A_TENANT = 10;

    Sizes {
        if (!(scale > 0 && scale <= 1)) {
            throw new IllegalArgumentException("--scale must be above 0 and at most 1");
        }
    }

    /** Status records that wait for storage. */
    int backlog() {
        return of(1_000_000);
    }

    /** Slices with a record in the topics, at a restart. */
    int keys() {
        return of(1_000_000);
    }

    /** Slices that workers report about. */
    int live() {
        return of(100_000);
    }

    /** Transfers in all libraries, each of a torrent of its own. */
    int transfers() {
        return of(1_000_000);
    }

    /** Keys that are marked dirty at once. */
    int dirtyKeys() {
        return of(1_000_000);
    }

    int jobs() {
        return of(50_000);
    }

    int tenants() {
        return Math.max(4, of(200));
    }

    /** How long a rate is watched: a minute, less at small scales. */
    Duration window() {
        return Duration.ofSeconds(Math.clamp(Math.round(600 * scale), 10, 60));
    }

    private int of(int all) {
        return (int) Math.max(1, Math.round(all * scale));
    }
}
