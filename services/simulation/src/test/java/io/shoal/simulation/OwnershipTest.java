package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.SegmentIndex;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Slices that change their owner: handed over, taken from the dead, and kept by zombies. */
class OwnershipTest {
    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("a torrent with one seed completes", world -> {
                    TorrentContent content = world.torrent(9000, 300, 9000);
                    world.seed(content, 1_200_000);
                    world.completes(world.run(world.worker(), content));
                }),
                scenario("the next owner continues after a hand-over", world -> {
                    TorrentContent content = world.torrent(9000, 9000, 9000);
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(6).plus(world.random(Duration.ofSeconds(4))));
                    var done = first.handOver();
                    world.until("handed over", Duration.ofSeconds(30), done::isDone);
                    world.completes(world.takeOver(first, world.worker()));
                }),
                scenario("a killed worker's successor completes", world -> {
                    TorrentContent content = world.torrent(9000, 9000, 9000);
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5).plus(world.random(Duration.ofSeconds(10))));
                    world.kill(first.worker.host);
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(world.takeOver(first, world.worker()));
                }),
                scenario("a zombie does no harm", world -> {
                    TorrentContent content = world.torrent(9000, 9000, 9000);
                    world.seed(content, 1_200_000);
                    Run zombie = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(6).plus(world.random(Duration.ofSeconds(4))));
                    Run next = world.takeOver(zombie, world.worker());
                    world.after(world.random(Duration.ofSeconds(20)), zombie::drop);
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(next);
                }),
                scenario("a hand-over waits for a store that is away", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    world.store.away = key -> true;
                    var done = first.handOver();
                    world.pass(Duration.ofMinutes(2));
                    assertThat(done).isNotDone();
                    world.store.away = key -> false;
                    world.until("handed over", Duration.ofSeconds(60), done::isDone);
                    Run next = world.takeOver(first, world.worker());
                    world.completes(next);
                    assertThat(next.status().totals().wasted()).isLessThan(content.bytes.length / 4);
                }),
                scenario("a torrent goes through five workers", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    for (int i = 0; i < 4; i++) {
                        world.pass(Duration.ofSeconds(2).plus(world.random(Duration.ofSeconds(2))));
                        var done = run.handOver();
                        world.until("handed over", Duration.ofSeconds(30), done::isDone);
                        run = world.takeOver(run, world.worker());
                    }
                    world.completes(run, Duration.ofMinutes(2));
                }),
                scenario("its worker is killed three times", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    world.mayBeFetchedAgain = 3L * content.bytes.length;
                    Run run = world.run(world.worker(), content);
                    for (int i = 0; i < 3; i++) {
                        world.pass(Duration.ofSeconds(1).plus(world.random(Duration.ofSeconds(5))));
                        world.kill(run.worker.host);
                        run = world.takeOver(run, world.worker());
                    }
                    world.completes(run);
                }),
                scenario("a worker is killed in the middle of a write", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    world.store.bytesPerSecond = 4_000_000;
                    Run first = world.run(world.worker(), content);
                    world.until(
                            "a segment is being written",
                            Duration.ofMinutes(2),
                            () -> first.worker.counters.puts() > 0);
                    assertThat(first.worker.counters.segments()).isZero();
                    world.kill(first.worker.host);
                    world.pass(Duration.ofSeconds(10));
                    world.mayBeFetchedAgain = content.bytes.length;
                    Run next = world.takeOver(first, world.worker());
                    world.completes(next);
                    for (int segment = 0; segment < content.segments(); segment++) {
                        assertThat(world.store.puts(content.keys.segment(new SegmentIndex(segment))))
                                .as("what the dead one has written is found")
                                .isEqualTo(1);
                    }
                }),
                scenario("a successor is killed while it loads spills", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(6));
                    var done = first.handOver();
                    world.until("handed over", Duration.ofSeconds(30), done::isDone);
                    world.store.bytesPerSecond = 1_000_000;
                    Run second = world.takeOver(first, world.worker());
                    world.pass(Duration.ofMillis(500).plus(world.random(Duration.ofSeconds(3))));
                    world.kill(second.worker.host);
                    world.store.bytesPerSecond = 50_000_000;
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(world.takeOver(second, world.worker()));
                }),
                scenario("a dropped slice writes nothing more", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(4));
                    world.store.away = key -> key.startsWith(content.keys.segmentsPrefix());
                    world.pass(Duration.ofSeconds(30));
                    first.drop();
                    world.pass(Duration.ofSeconds(5));
                    world.store.away = key -> false;
                    int before = world.store.objects.size();
                    world.pass(Duration.ofMinutes(5));
                    assertThat(world.store.objects).hasSize(before);
                    assertThat(first.worker.slots.free()).isEqualTo(first.worker.slots.count());
                }),
                scenario("a zombie and its successor meet an outage", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run zombie = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    world.store.away = key -> true;
                    Run next = world.takeOver(zombie, world.worker());
                    world.pass(Duration.ofMinutes(2));
                    world.store.away = key -> false;
                    world.after(world.random(Duration.ofSeconds(40)), zombie::drop);
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(next);
                }),
                scenario("a complete torrent is taken over without listing and serves", world -> {
                    TorrentContent content = world.small();
                    Outsider seed = world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.completes(first);
                    var done = first.handOver();
                    world.until("handed over", Duration.ofSeconds(30), done::isDone);
                    int lists = world.store.lists;
                    Run next = world.takeOver(first, world.worker());
                    world.until("complete", Duration.ofSeconds(5), next::isComplete);
                    assertThat(world.store.lists).isEqualTo(lists);
                    world.kill(seed.host);
                    Outsider leech = world.leech(content);
                    world.until("the leech has all", Duration.ofMinutes(5), () -> leech.finished);
                    world.pass(Duration.ofSeconds(2)); // figures are at most a second old
                    assertThat(next.status().totals().up()).isGreaterThanOrEqualTo(content.bytes.length);
                }),
                scenario("a worker is cut off from its peers for three minutes", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(4));
                    world.network.cut(run.worker.host);
                    world.pass(Duration.ofMinutes(3));
                    world.network.join(run.worker.host);
                    world.mayBeFetchedAgain = content.bytes.length / 2;
                    world.completes(run, Duration.ofMinutes(3));
                }),
                scenario("a worker stands still for five minutes", world -> {
                    TorrentContent content = world.torrent(9000, 9000, 9000);
                    world.seed(content, 500_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(15));
                    world.standStill(run.worker.host, Duration.ofMinutes(5));
                    world.pass(Duration.ofMinutes(6));
                    world.mayBeFetchedAgain = 8L * World.MIB;
                    world.completes(run, Duration.ofMinutes(2));
                }),
                scenario("a worker stands still, is replaced, and comes back", world -> {
                    TorrentContent content = world.torrent(9000, 9000, 9000);
                    world.seed(content, 500_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(15));
                    world.standStill(run.worker.host, Duration.ofMinutes(2));
                    Run next = world.takeOver(run, world.worker());
                    world.mayBeFetchedAgain = 2L * content.bytes.length;
                    world.pass(Duration.ofMinutes(2));
                    world.pass(world.random(Duration.ofSeconds(20)));
                    run.drop();
                    world.completes(next, Duration.ofMinutes(5));
                }),
                scenario("a successor loads the spills of ten torrents at once", world -> {
                    SimulatedWorker first = world.worker();
                    List<Run> runs = new ArrayList<>();
                    for (int i = 0; i < 10; i++) {
                        TorrentContent content = world.torrent(3000);
                        world.seed(content, 300_000);
                        runs.add(world.run(first, content));
                    }
                    world.pass(Duration.ofSeconds(7));
                    var done = runs.stream().map(Run::handOver).toList();
                    world.until(
                            "handed over",
                            Duration.ofMinutes(1),
                            () -> done.stream().allMatch(each -> each.isDone()));
                    world.store.bytesPerSecond = 2_000_000;
                    SimulatedWorker second = world.worker();
                    List<Run> next = runs.stream()
                            .map(run -> world.takeOver(run, second))
                            .toList();
                    next.forEach(run -> world.completes(run, Duration.ofMinutes(1)));
                }));
    }
}
