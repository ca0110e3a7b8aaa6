package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Tenants that change their mind: files, pauses, checks, limits. */
class WishTest {
    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("one file is wanted, then all, and the peer stays connected", world -> {
                    TorrentContent content = world.torrent(9000, 9000, 200);
                    Outsider seed = world.seed(content);
                    Run run = world.run(
                            world.worker(),
                            content,
                            Run.with(Run.all(content), Run.selection(content, 1), Mode.RUN, 0, null));
                    world.completes(run);
                    assertThat(run.status().totals().down()).isLessThan(11L * World.MIB);
                    long connections = seed.torrent.stats().peers().size();
                    run.select();
                    world.completes(run);
                    assertThat(seed.torrent.stats().peers()).hasSize((int) connections);
                }),
                scenario("a file is not wanted any more while it is downloaded", world -> {
                    TorrentContent content = world.torrent(9000, 9000, 200);
                    world.seed(content, 1_000_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(8));
                    run.select(2);
                    world.completes(run);
                    world.until(
                            "slots are free",
                            Duration.ofMinutes(1),
                            () -> run.worker.slots.free() == run.worker.slots.count());
                }),
                scenario("the selection changes every three seconds", world -> {
                    TorrentContent content = world.torrent(5000, 7000, 9000, 300);
                    world.seed(content, 1_000_000);
                    Run run = world.run(world.worker(), content);
                    for (int i = 0; i < 10; i++) {
                        world.pass(world.random(Duration.ofSeconds(3)));
                        run.select(world.simulation.random.nextInt(4), world.simulation.random.nextInt(4));
                    }
                    run.select();
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(run);
                }),
                scenario("a torrent is paused and continues", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    run.stop();
                    world.until(
                            "paused",
                            Duration.ofMinutes(1),
                            () -> run.status().state() == State.STOPPED
                                    && run.figures().peers().connected() == 0
                                    && run.worker.slots.free() == run.worker.slots.count());
                    long down = run.status().totals().down();
                    world.pass(Duration.ofMinutes(10));
                    assertThat(run.status().totals().down()).isEqualTo(down);
                    run.resume();
                    world.completes(run);
                }),
                scenario("a torrent is paused and continued ten times", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    for (int i = 0; i < 10; i++) {
                        world.pass(world.random(Duration.ofSeconds(4)));
                        run.stop();
                        world.pass(world.random(Duration.ofSeconds(2)));
                        run.resume();
                    }
                    world.mayBeFetchedAgain = content.bytes.length / 2;
                    world.completes(run, Duration.ofMinutes(2));
                }),
                scenario("a torrent is paused from the start", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    Run run = world.run(
                            world.worker(),
                            content,
                            Run.with(Run.all(content), Run.all(content).wanted(), Mode.STOP, 0, null));
                    int calls = world.store.calls;
                    world.pass(Duration.ofMinutes(2));
                    assertThat(world.store.calls).as("it is not loaded").isEqualTo(calls);
                    assertThat(run.status().state()).isEqualTo(State.STOPPED);
                    run.resume();
                    world.completes(run);
                }),
                scenario("checks are requested while it downloads", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    for (int i = 0; i < 3; i++) {
                        world.pass(Duration.ofSeconds(1).plus(world.random(Duration.ofSeconds(4))));
                        run.check();
                    }
                    world.completes(run, Duration.ofMinutes(2));
                }),
                scenario("a torrent keeps to its limit", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    Run run = world.run(world.worker(), content);
                    run.limit(100_000, 0);
                    world.pass(Duration.ofSeconds(10));
                    assertThat(run.status().totals().down()).isLessThan(1_500_000);
                    run.limit(0, 0);
                    world.completes(run);
                }),
                scenario("a torrent that may hardly upload still serves", world -> {
                    TorrentContent content = world.torrent(1000);
                    Outsider seed = world.seed(content);
                    Run run = world.run(world.worker(), content);
                    world.completes(run);
                    world.kill(seed.host);
                    run.limit(0, 50_000);
                    Outsider leech = world.leech(content);
                    world.pass(Duration.ofSeconds(10));
                    assertThat(leech.finished).isFalse();
                    world.until("the leech has all", Duration.ofMinutes(2), () -> leech.finished);
                }),
                scenario("a check is requested in an outage", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(4));
                    world.store.away = key -> true;
                    run.check();
                    world.pass(Duration.ofMinutes(2));
                    world.store.away = key -> false;
                    world.completes(run, Duration.ofMinutes(1));
                }));
    }
}
