package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What a worker gets and does not get by peer exchange (BEP 11). */
class PeerExchangeTest {
    private static final String TRACKER = "http://of-the-worker.invalid/announce";

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("a worker finds the seed that a leech knows", world -> {
                    TorrentContent content = world.medium();
                    Run run = leechGoesAway(world, content, Run.all(content, TRACKER));
                    world.completes(run, Duration.ofMinutes(1));
                }),
                scenario("a torrent is as private as its tenant says", world -> {
                    TorrentContent content = world.medium();
                    Run run = world.run(world.worker(), content, Run.asPrivate(Run.all(content)));
                    world.until(
                            "it runs",
                            Duration.ofSeconds(30),
                            () -> run.status().state() == State.DOWNLOADING);
                    assertThat(run.worker.joined).singleElement().satisfies(spec -> {
                        assertThat(spec.isPrivate()).isTrue();
                        assertThat(spec.info().isPrivate()).isFalse();
                    });
                }));
    }

    /** The tracker of the worker names one leech, which knows the seed and goes away. */
    private static Run leechGoesAway(World world, TorrentContent content, SliceRecord wanted) {
        world.seed(content, 400_000);
        Outsider leech = world.leech(content);
        world.until(
                "they meet", Duration.ofMinutes(2), () -> leech.torrent.stats().downloaded() > 0);
        world.tracker.add(TRACKER, leech.address);
        Run run = world.run(world.worker(), content, wanted);
        world.until(
                "the worker gets pieces",
                Duration.ofMinutes(1),
                () -> run.figures().totals().down() > 0);
        world.pass(Duration.ofSeconds(3));
        world.kill(leech.host);
        world.pass(Duration.ofSeconds(1));
        assertThat(run.isComplete()).isFalse();
        return run;
    }
}
