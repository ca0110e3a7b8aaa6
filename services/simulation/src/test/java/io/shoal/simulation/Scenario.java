package io.shoal.simulation;

import java.time.Duration;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * What happens in a world, and what must follow.
 *
 * <p>{@code -Dsimulation.seed=N} repeats one run, {@code -Dsimulation.runs=N} tries as many seeds.
 */
record Scenario(String name, Script script) {
    private static final Long SEED = Long.getLong("simulation.seed");
    private static final int RUNS = Integer.getInteger("simulation.runs", 1);

    /** The steps of a scenario; it may return early. */
    @FunctionalInterface
    interface Script {
        void play(World world);
    }

    static Scenario scenario(String name, Script script) {
        return new Scenario(name, script);
    }

    /** One test for each scenario and seed. */
    static Stream<DynamicTest> tests(Scenario... scenarios) {
        return Stream.of(scenarios)
                .flatMap(scenario -> seeds(scenario.name)
                        .mapToObj(seed -> DynamicTest.dynamicTest(
                                scenario.name + " (seed " + seed + ")", () -> scenario.play(seed))));
    }

    private static LongStream seeds(String name) {
        return SEED != null ? LongStream.of(SEED) : LongStream.range(0, RUNS).map(n -> name.hashCode() + n);
    }

    /** Plays it; returns the digest of the run. */
    long play(long seed) {
        World world = new World(seed);
        try {
            script.play(world);
            return world.finish();
        } catch (Throwable e) {
            throw new AssertionError(
                    "\"%s\" with -Dsimulation.seed=%d after %s: %s"
                            .formatted(name, seed, Duration.ofNanos(world.simulation.now()), e.getMessage()),
                    e);
        }
    }
}
