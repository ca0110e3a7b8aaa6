package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A scratch file that is full or broken: a fault of ours, for which no peer is held responsible. */
class ScratchTest {
    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("the disk is full for three minutes", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(4));
                    run.worker.scratch.isFull = true;
                    world.untilState(run, State.DOWNLOADING, Reason.STORAGE_WAIT, Duration.ofSeconds(30));
                    world.pass(Duration.ofMinutes(3));
                    assertThat(run.worker.scratchFailures).isPositive();
                    run.worker.scratch.isFull = false;
                    world.mayBeFetchedAgain = content.bytes.length / 3;
                    world.completes(run, Duration.ofMinutes(1));
                    assertThat(run.status().reason()).isNull();
                }),
                scenario("the disk is full from the start", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    Run run = world.run(world.worker(), content);
                    run.worker.scratch.isFull = true;
                    world.untilState(run, State.DOWNLOADING, Reason.STORAGE_WAIT, Duration.ofMinutes(1));
                    run.worker.scratch.isFull = false;
                    world.completes(run, Duration.ofMinutes(1));
                }),
                scenario("what was written cannot be read back", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(4).plus(world.random(Duration.ofSeconds(3))));
                    run.worker.scratch.isUnreadable = true;
                    world.pass(Duration.ofSeconds(20));
                    run.worker.scratch.isUnreadable = false;
                    world.mayBeFetchedAgain = 3L * content.bytes.length;
                    world.completes(run, Duration.ofMinutes(2));
                }),
                scenario("what was written cannot be read back during a hand-over", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    first.worker.scratch.isUnreadable = true;
                    var done = first.handOver();
                    world.until("handed over without it", Duration.ofSeconds(30), done::isDone);
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(world.takeOver(first, world.worker()));
                }),
                scenario("the disk is full while spills are loaded", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    var done = first.handOver();
                    world.until("handed over", Duration.ofSeconds(30), done::isDone);
                    SimulatedWorker second = world.worker();
                    second.scratch.isFull = true;
                    Run next = world.takeOver(first, second);
                    world.pass(Duration.ofSeconds(20));
                    second.scratch.isFull = false;
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(next, Duration.ofMinutes(2));
                }));
    }
}
