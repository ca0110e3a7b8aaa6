package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A store that is away, slow, or loses what it had. */
class OutageTest {
    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("the store is away for ten minutes", world -> {
                    TorrentContent content = world.torrent(9000, 9000, 9000);
                    world.seed(content);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(4));
                    world.store.away = key -> true;
                    world.untilState(run, State.DOWNLOADING, Reason.STORAGE_WAIT, Duration.ofMinutes(2));
                    world.pass(Duration.ofMinutes(10));
                    assertThat(run.status().totals().down()).isGreaterThanOrEqualTo(content.bytes.length);
                    world.store.away = key -> false;
                    world.completes(run);
                }),
                scenario("the store is away from the start", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    world.store.away = key -> true;
                    Run run = world.run(world.worker(), content);
                    world.untilState(run, State.STARTING, Reason.STORAGE_WAIT, Duration.ofSeconds(10));
                    world.pass(Duration.ofMinutes(3));
                    world.store.away = key -> false;
                    world.completes(run);
                    assertThat(run.status().reason()).isNull();
                }),
                scenario("a third of all calls fails", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    world.store.failing = 0.3;
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(3));
                }),
                scenario("the answers of a third of all calls are lost", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    world.store.answersLost = 0.3;
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(3));
                }),
                scenario("every call takes seconds", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    world.store.latencyMin = Duration.ofSeconds(2);
                    world.store.latencyMax = Duration.ofSeconds(6);
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(1));
                }),
                scenario("the store is slower than the swarm", world -> {
                    TorrentContent content = world.torrent(9000, 9000, 8000);
                    world.seed(content);
                    world.seed(content);
                    world.store.bytesPerSecond = 500_000;
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(2));
                }),
                scenario("the store goes and comes every twenty seconds", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 600_000);
                    world.every(Duration.ofSeconds(40), () -> {
                        world.store.away = key -> true;
                        world.after(Duration.ofSeconds(20), () -> world.store.away = key -> false);
                    });
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(3));
                }),
                scenario("only segments cannot be written", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    world.store.away = key -> key.startsWith(content.keys.segmentsPrefix());
                    Run run = world.run(world.worker(), content);
                    world.until(
                            "all is downloaded",
                            Duration.ofMinutes(3),
                            () -> run.status().totals().down() >= content.bytes.length);
                    world.untilState(run, State.DOWNLOADING, Reason.STORAGE_WAIT, Duration.ofSeconds(10));
                    world.pass(Duration.ofMinutes(3));
                    assertThat(run.status().stored().size()).isZero();
                    world.store.away = key -> false;
                    world.completes(run);
                    assertThat(run.status().totals().wasted()).isLessThan(content.bytes.length / 10);
                }),
                scenario("spills cannot be written when a torrent is paused", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(4));
                    world.store.away = key -> key.startsWith(content.keys.spillsPrefix());
                    run.stop();
                    world.pass(Duration.ofMinutes(1));
                    world.store.away = key -> false;
                    world.until(
                            "slots are free",
                            Duration.ofMinutes(2),
                            () -> run.worker.slots.free() == run.worker.slots.count());
                    run.resume();
                    world.completes(run);
                }),
                scenario("the store cannot be listed for a while", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    world.store.away = key -> key.equals(content.keys.prefix());
                    Run run = world.run(world.worker(), content);
                    world.untilState(run, State.STARTING, Reason.STORAGE_WAIT, Duration.ofSeconds(10));
                    world.store.away = key -> false;
                    world.completes(run);
                }),
                scenario("the store is away while peers download from us", world -> {
                    TorrentContent content = world.medium();
                    Outsider seed = world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    world.completes(run);
                    world.kill(seed.host);
                    Outsider leech = world.leech(content);
                    world.pass(Duration.ofSeconds(2));
                    world.store.away = key -> true;
                    world.pass(Duration.ofMinutes(2));
                    assertThat(leech.finished).isFalse();
                    world.store.away = key -> false;
                    world.until("the leech has all", Duration.ofMinutes(10), () -> leech.finished);
                    assertThat(leech.store.content).isEqualTo(content.bytes);
                }),
                scenario("answers are lost during a hand-over", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    world.store.answersLost = 0.6;
                    var done = first.handOver();
                    world.until("handed over", Duration.ofMinutes(3), done::isDone);
                    world.store.answersLost = 0;
                    world.completes(world.takeOver(first, world.worker()));
                }),
                scenario("a worker is killed in an outage", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(3));
                    world.store.away = key -> true;
                    world.pass(world.random(Duration.ofSeconds(60)));
                    world.kill(first.worker.host);
                    Run next = world.takeOver(first, world.worker());
                    world.pass(Duration.ofMinutes(1));
                    world.store.away = key -> false;
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(next);
                }));
    }
}
