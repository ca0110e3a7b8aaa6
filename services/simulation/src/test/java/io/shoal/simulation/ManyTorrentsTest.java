package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Torrents that share a worker: its slots, its ports, its store. */
class ManyTorrentsTest {
    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("forty torrents on twenty-four slots, with seeds of 200 KB/s", world -> {
                    SimulatedWorker worker = world.worker(24);
                    List<Run> runs = new ArrayList<>();
                    for (int i = 0; i < 40; i++) {
                        TorrentContent content = world.torrent(900);
                        world.seed(content, 200_000);
                        runs.add(world.run(worker, content));
                    }
                    for (Run run : runs) {
                        world.completes(run, Duration.ofMinutes(5));
                    }
                }),
                scenario("three torrents share three slots", world -> {
                    SimulatedWorker worker = world.worker(3);
                    List<Run> runs = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        TorrentContent content = world.torrent(9000);
                        world.seed(content);
                        runs.add(world.run(worker, content));
                    }
                    for (Run run : runs) {
                        world.completes(run, Duration.ofMinutes(10));
                    }
                }),
                scenario("a torrent waits for slots in an outage, and says so", world -> {
                    SimulatedWorker worker = world.worker(3);
                    TorrentContent first = world.medium();
                    world.seed(first);
                    Run holder = world.run(worker, first);
                    world.until("it begins", Duration.ofSeconds(30), () -> worker.slots.free() < 3);
                    world.store.away = key -> key.contains("/s/") || key.contains("/spill/");
                    world.until(
                            "it has all slots but the reserve", Duration.ofMinutes(1), () -> worker.slots.free() == 1);
                    TorrentContent second = world.small();
                    world.seed(second);
                    Run waiting = world.run(worker, second);
                    world.untilState(waiting, State.DOWNLOADING, Reason.QUEUED, Duration.ofMinutes(3));
                    world.store.away = key -> false;
                    world.completes(holder, Duration.ofMinutes(2));
                    world.completes(waiting, Duration.ofMinutes(2));
                }),
                scenario("six owners of one torrent on one worker", world -> {
                    TorrentContent content = world.small();
                    Outsider seed = world.seed(content, 500_000);
                    SimulatedWorker worker = world.worker();
                    List<Run> runs = new ArrayList<>();
                    for (int i = 0; i < 6; i++) {
                        runs.add(world.run(worker, world.add(content.ownedBy("owner-" + i))));
                    }
                    for (Run run : runs) {
                        world.completes(run);
                    }
                    assertThat(seed.torrent.stats().uploaded())
                            .as("the others have it from one another")
                            .isLessThan(2L * content.bytes.length);
                }),
                scenario("six owners of one torrent on two workers, of which one is killed", world -> {
                    TorrentContent content = world.small();
                    world.seed(content, 500_000);
                    SimulatedWorker one = world.worker();
                    SimulatedWorker other = world.worker();
                    List<Run> runs = new ArrayList<>();
                    for (int i = 0; i < 6; i++) {
                        runs.add(world.run(i % 2 == 0 ? one : other, world.add(content.ownedBy("owner-" + i))));
                    }
                    world.pass(Duration.ofSeconds(3));
                    world.kill(other.host);
                    SimulatedWorker third = world.worker();
                    for (int i = 1; i < 6; i += 2) {
                        runs.set(i, world.takeOver(runs.get(i), third));
                    }
                    world.mayBeFetchedAgain = content.bytes.length;
                    for (Run run : runs) {
                        world.completes(run, Duration.ofMinutes(1));
                    }
                }),
                scenario("ten torrents are handed over at once while the store fails", world -> {
                    SimulatedWorker first = world.worker();
                    List<Run> runs = new ArrayList<>();
                    for (int i = 0; i < 10; i++) {
                        TorrentContent content = world.torrent(2000);
                        world.seed(content, 150_000);
                        runs.add(world.run(first, content));
                    }
                    world.pass(Duration.ofSeconds(8));
                    world.store.failing = 0.3;
                    var done = runs.stream().map(Run::handOver).toList();
                    world.until(
                            "handed over",
                            Duration.ofMinutes(2),
                            () -> done.stream().allMatch(each -> each.isDone()));
                    SimulatedWorker second = world.worker();
                    for (Run run : List.copyOf(runs)) {
                        world.completes(world.takeOver(run, second), Duration.ofMinutes(3));
                    }
                }),
                scenario("a slow torrent does not hold up a fast one", world -> {
                    SimulatedWorker worker = world.worker();
                    TorrentContent slow = world.torrent(9000);
                    world.seed(slow, 20_000);
                    Run slowRun = world.run(worker, slow);
                    TorrentContent fast = world.small();
                    world.seed(fast);
                    world.completes(world.run(worker, fast));
                    assertThat(slowRun.isComplete()).isFalse();
                }),
                scenario("one tenant's limit does not slow another's torrent", world -> {
                    SimulatedWorker worker = world.worker();
                    TorrentContent limited = world.small();
                    world.seed(limited);
                    Run slowRun = world.run(worker, limited);
                    slowRun.limit(50_000, 0);
                    TorrentContent free = world.medium();
                    world.seed(free);
                    world.completes(world.run(worker, free));
                    assertThat(slowRun.isComplete()).isFalse();
                    slowRun.limit(0, 0);
                    world.completes(slowRun);
                }),
                scenario("forty torrents that trickle share twenty-four slots", world -> {
                    SimulatedWorker worker = world.worker(24);
                    List<Run> runs = new ArrayList<>();
                    for (int i = 0; i < 40; i++) {
                        TorrentContent content = world.torrentOf(256 * World.KIB, 9 * World.MIB);
                        world.seed(content, 2_000);
                        runs.add(world.run(worker, content));
                    }
                    world.mayBeFetchedAgain = World.MIB;
                    world.until(
                            "each has a piece",
                            Duration.ofMinutes(30),
                            () -> runs.stream()
                                    .allMatch(run -> run.status().totals().down() >= 256 * World.KIB));
                }));
    }
}
