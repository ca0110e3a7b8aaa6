package io.shoal.intake.infos;

import io.shoal.bittorrent.metainfo.ParseBudget;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Makes the one parse budget of the process. */
class Parsing {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Parsing() {}

    @Produces
    @Singleton
    static ParseBudget budget() {
        return ParseBudget.ofHeap(PATIENCE.toMillis());
    }
}
