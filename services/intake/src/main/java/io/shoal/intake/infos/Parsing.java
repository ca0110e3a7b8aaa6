package io.shoal.intake.infos;

import io.shoal.objectstore.MemoryBudget;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Makes the one memory budget of the process for info dictionaries. */
class Parsing {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Parsing() {}

    @Produces
    @Singleton
    static MemoryBudget budget() {
        return MemoryBudget.ofHeap(PATIENCE.toMillis());
    }
}
