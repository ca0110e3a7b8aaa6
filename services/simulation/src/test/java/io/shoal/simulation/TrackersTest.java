package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.engine.swarms.SimulatedNetwork;
import java.net.InetAddress;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Trackers that fail, and what they see of owners that change. */
class TrackersTest {
    private static final String DEAD = "http://dead.simulated/announce";

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("the tracker is away for five minutes", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    world.pass(Duration.ofSeconds(5));
                    world.tracker.setAway(url -> true);
                    Run run = world.run(world.worker(), content);
                    world.untilState(run, State.DOWNLOADING, Reason.TRACKERS_FAILING, Duration.ofMinutes(1));
                    world.pass(Duration.ofMinutes(5));
                    world.tracker.setAway(url -> false);
                    world.completes(run, Duration.ofMinutes(30));
                }),
                scenario("the first of two trackers is dead", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    world.tracker.setAway(DEAD::equals);
                    Run run = world.run(world.worker(), content, Run.all(content, DEAD, content.tracker));
                    world.completes(run, Duration.ofMinutes(2));
                }),
                scenario("the tracker fails now and then", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content);
                    world.tracker.setAway(url -> world.simulation.random.nextInt(3) == 0);
                    Run run = world.run(world.worker(), content);
                    world.completes(run, Duration.ofMinutes(30));
                }),
                scenario("the tracker sees one session of three owners", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content);
                    Run run = world.run(world.worker(), content);
                    for (int i = 0; i < 2; i++) {
                        world.pass(Duration.ofSeconds(3));
                        var done = run.handOver();
                        world.until("handed over", Duration.ofSeconds(30), done::isDone);
                        run = world.takeOver(run, world.worker());
                    }
                    world.completes(run);
                    var ended = run.end();
                    world.until("ended", Duration.ofSeconds(30), ended::isDone);
                    assertThat(world.tracker.announces)
                            .filteredOn(
                                    announce -> isOurs(world, announce.from().getAddress()))
                            .filteredOn(announce -> announce.event() == AnnounceEvent.STARTED)
                            .hasSize(1);
                    assertThat(world.tracker.announces)
                            .filteredOn(
                                    announce -> isOurs(world, announce.from().getAddress()))
                            .filteredOn(announce -> announce.event() == AnnounceEvent.STOPPED)
                            .hasSize(1);
                }),
                scenario("peers meet through a UDP tracker although three datagrams of ten are lost", world -> {
                    TorrentContent content = world.overUdp(world.small());
                    world.network.datagrams.setLoss(0.3);
                    world.seed(content);
                    Run run = world.run(world.worker(), content);
                    world.completes(run, Duration.ofMinutes(30));
                }),
                scenario("the UDP tracker is away for five minutes", world -> {
                    TorrentContent content = world.overUdp(world.small());
                    world.seed(content);
                    world.until(
                            "the seed is known",
                            Duration.ofMinutes(1),
                            () -> !world.udpTracker.peers(content.info.hash()).isEmpty());
                    world.udpTracker.setAway(true);
                    Run run = world.run(world.worker(), content);
                    world.untilState(run, State.DOWNLOADING, Reason.TRACKERS_FAILING, Duration.ofMinutes(5));
                    world.udpTracker.setAway(false);
                    world.completes(run, Duration.ofMinutes(30));
                }),
                scenario("a successor announces over UDP in place of a killed worker", world -> {
                    TorrentContent content = world.overUdp(world.medium());
                    world.network.datagrams.setLoss(0.1);
                    world.seed(content, 500_000);
                    SimulatedWorker first = world.worker();
                    Run run = world.run(first, content);
                    world.until(
                            "it downloads",
                            Duration.ofMinutes(10),
                            () -> run.status().totals().down() > World.MIB);
                    world.kill(first.host);
                    world.mayBeFetchedAgain = content.bytes.length;
                    SimulatedWorker second = world.worker();
                    world.completes(world.takeOver(run, second), Duration.ofMinutes(30));
                    assertThat(world.udpTracker.peers(content.info.hash()))
                            .anyMatch(peer -> peer.getAddress().equals(second.host.address()));
                }),
                scenario("a peer is found although no tracker answers, by itself", world -> {
                    TorrentContent content = world.small();
                    Run run = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    world.tracker.setAway(url -> true);
                    Outsider seed = world.seed(content);
                    seed.torrent.addPeer(SimulatedNetwork.address(1, 0));
                    world.completes(run);
                }));
    }

    private static boolean isOurs(World world, InetAddress address) {
        return world.workers.stream().anyMatch(worker -> worker.host.address().equals(address));
    }
}
