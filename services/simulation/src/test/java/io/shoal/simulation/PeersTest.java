package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.engine.swarms.ScriptedSeed;
import io.shoal.engine.swarms.SimulatedNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Peers that come and go, are slow, silent or hostile. */
class PeersTest {
    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("a seed behind a line that loses one chunk in ten", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content).host.loss(0.1);
                    Run run = world.run(world.worker(), content);
                    world.completes(run, Duration.ofMinutes(5));
                }),
                scenario("a worker behind a line that loses one chunk in four", world -> {
                    TorrentContent content = world.medium();
                    SimulatedWorker worker = world.worker();
                    worker.host.loss(0.25);
                    world.seed(content);
                    world.seed(content);
                    Run run = world.run(worker, content);
                    world.completes(run, Duration.ofMinutes(10));
                }),
                scenario("the only seed leaves and another comes five minutes later", world -> {
                    TorrentContent content = world.medium();
                    Outsider first = world.seed(content);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(4));
                    world.kill(first.host);
                    world.untilState(run, State.DOWNLOADING, Reason.NO_PEERS, Duration.ofMinutes(1));
                    world.pass(Duration.ofMinutes(5));
                    world.seed(content);
                    world.completes(run, Duration.ofMinutes(1));
                }),
                scenario("seeds come and go every ten seconds", world -> {
                    TorrentContent content = world.medium();
                    Run run = world.run(world.worker(), content);
                    for (int i = 0; i < 8; i++) {
                        Outsider seed = world.seed(content, 300_000);
                        world.pass(world.random(Duration.ofSeconds(10)));
                        world.after(world.random(Duration.ofSeconds(10)), () -> world.kill(seed.host));
                    }
                    world.seed(content);
                    world.completes(run, Duration.ofMinutes(1));
                }),
                scenario("peers that come and go do not change the reason each time", world -> {
                    TorrentContent content = world.small();
                    Run run = world.run(world.worker(), content);
                    List<Optional<Reason>> reasons = new ArrayList<>();
                    world.every(Duration.ofSeconds(1), () -> {
                        Optional<Reason> now = Optional.ofNullable(run.status().reason());
                        if (reasons.isEmpty() || !reasons.getLast().equals(now)) {
                            reasons.add(now);
                        }
                    });
                    for (int i = 0; i < 40; i++) {
                        Outsider peer = world.partial(content, 1);
                        peer.host.rate(2_000, 2_000);
                        world.after(world.random(Duration.ofSeconds(15)), () -> world.kill(peer.host));
                        world.pass(world.random(Duration.ofSeconds(15)));
                    }
                    assertThat(reasons)
                            .contains(Optional.of(Reason.MISSING_PIECES))
                            .hasSizeLessThan(30); // of 80
                    world.seed(content);
                    world.completes(run, Duration.ofMinutes(5));
                }),
                scenario("a seed of 30 KB/s", world -> {
                    TorrentContent content = world.small();
                    world.seed(content, 30_000);
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(3));
                }),
                scenario("two hundred seeds of 20 KB/s", world -> {
                    TorrentContent content = world.medium();
                    for (int i = 0; i < 200; i++) {
                        world.scripted(content, host -> {
                            world.network.host(host).rate(20_000, 20_000);
                            return new ScriptedSeed(host, content.info, content.bytes, request -> true);
                        });
                    }
                    // More requests are outstanding than the torrent has blocks: all of it is an end game.
                    world.mayBeFetchedAgain = 2L * content.bytes.length;
                    Run run = world.run(world.worker(), content);
                    world.completes(run, Duration.ofMinutes(2));
                }),
                scenario("a swarm of twelve leeches with one seed", world -> {
                    TorrentContent content = world.small();
                    world.seed(content, 500_000);
                    List<Outsider> leeches = new ArrayList<>();
                    for (int i = 0; i < 12; i++) {
                        leeches.add(world.leech(content));
                    }
                    Run run = world.run(world.worker(), content);
                    world.completes(run, Duration.ofMinutes(3));
                    world.until(
                            "all have all",
                            Duration.ofMinutes(10),
                            () -> leeches.stream().allMatch(leech -> leech.finished));
                }),
                scenario("one liar among the seeds", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content);
                    Outsider liar = world.liar(content);
                    world.mayBeFetchedAgain = content.bytes.length / 2; // what it spoils until it is banned
                    Run run = world.run(world.worker(), content);
                    world.completes(run, Duration.ofMinutes(2));
                    assertThat(run.worker.banned).containsExactly(liar.host.address());
                }),
                scenario("four liars and one seed", world -> {
                    TorrentContent content = world.medium();
                    for (int i = 0; i < 4; i++) {
                        world.liar(content);
                    }
                    world.seed(content);
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(3));
                }),
                scenario("a poisoner that is wrong once in thirty blocks", world -> {
                    TorrentContent content = world.medium();
                    world.hostile(content, host -> new PoisoningSeed(host, content, 30));
                    world.seed(content, 500_000);
                    world.mayBeFetchedAgain = content.bytes.length / 2;
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(3));
                }),
                scenario("ten peers that never answer", world -> {
                    TorrentContent content = world.medium();
                    for (int i = 0; i < 10; i++) {
                        world.scripted(
                                content, host -> new ScriptedSeed(host, content.info, content.bytes, request -> false));
                    }
                    world.seed(content);
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(2));
                }),
                scenario("a peer that forgets every third request", world -> {
                    TorrentContent content = world.small();
                    world.scripted(
                            content,
                            host -> new ScriptedSeed(host, content.info, content.bytes, request -> request % 3 != 0));
                    world.seed(content, 100_000);
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(3));
                }),
                scenario("seeds that choke and unchoke instead of answering", world -> {
                    TorrentContent content = world.small();
                    int[] requests = {0};
                    for (int i = 0; i < 20; i++) {
                        world.scripted(content, host -> new ChokingSeed(host, content, requests));
                    }
                    world.seed(content, 100_000);
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(1));
                    assertThat(requests[0]).as("requests to them").isLessThan(50_000);
                }),
                scenario("peers that send garbage", world -> {
                    TorrentContent content = world.small();
                    for (int i = 0; i < 10; i++) {
                        world.hostile(content, host -> new GarbagePeer(host, content));
                    }
                    world.seed(content);
                    world.completes(world.run(world.worker(), content));
                }),
                scenario("connections are torn at random", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content);
                    world.seed(content);
                    world.leech(content);
                    Run run = world.run(world.worker(), content);
                    world.every(Duration.ofSeconds(3), world.network::tearOne);
                    world.mayBeFetchedAgain = content.bytes.length / 4;
                    world.completes(run, Duration.ofMinutes(10));
                }),
                scenario("no peer is there", world -> {
                    TorrentContent content = world.small();
                    Run run = world.run(world.worker(), content);
                    world.untilState(run, State.DOWNLOADING, Reason.NO_PEERS, Duration.ofMinutes(1));
                    world.pass(Duration.ofMinutes(10));
                    assertThat(run.status().reason()).isEqualTo(Reason.NO_PEERS);
                    world.seed(content);
                    world.completes(run, Duration.ofMinutes(1));
                }),
                scenario("no peer has the last pieces", world -> {
                    TorrentContent content = world.small();
                    world.partial(content, content.geometry.pieces().count() - 3);
                    Run run = world.run(world.worker(), content);
                    world.untilState(run, State.DOWNLOADING, Reason.MISSING_PIECES, Duration.ofMinutes(2));
                    world.seed(content);
                    world.completes(run, Duration.ofMinutes(1));
                }),
                scenario("a seed is a second away", world -> {
                    TorrentContent content = world.small();
                    world.seed(content).host.delay(Duration.ofSeconds(1));
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(2));
                }),
                scenario("the tracker names a hundred dead peers", world -> {
                    TorrentContent content = world.small();
                    for (int i = 0; i < 100; i++) {
                        world.tracker.add(content.tracker, SimulatedNetwork.address(world.nextHost(), 0));
                    }
                    world.seed(content);
                    world.completes(world.run(world.worker(), content), Duration.ofMinutes(1));
                }),
                scenario("a leech gets all from us and what we count is what it got", world -> {
                    TorrentContent content = world.medium();
                    Outsider seed = world.seed(content);
                    Run run = world.run(world.worker(), content);
                    world.completes(run);
                    world.kill(seed.host);
                    Outsider leech = world.leech(content);
                    world.until("the leech has all", Duration.ofMinutes(5), () -> leech.finished);
                    world.pass(Duration.ofSeconds(5));
                    assertThat(run.status().totals().up())
                            .isBetween(
                                    (long) content.bytes.length,
                                    leech.torrent.stats().downloaded());
                }),
                scenario("peers take from us while we download", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 400_000);
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    Outsider first = world.leech(content);
                    Outsider second = world.leech(content);
                    world.completes(run, Duration.ofMinutes(3));
                    world.until("they have all", Duration.ofMinutes(5), () -> first.finished && second.finished);
                    assertThat(first.store.content).isEqualTo(content.bytes);
                    assertThat(second.store.content).isEqualTo(content.bytes);
                }));
    }
}
