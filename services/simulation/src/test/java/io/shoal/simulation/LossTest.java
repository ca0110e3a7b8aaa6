package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Objects that are gone, damaged, or moved into another object. */
class LossTest {
    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("a stored segment is gone when a peer asks for it", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_000_000);
                    Run run = world.run(world.worker(), content);
                    world.completes(run);
                    world.mayBeFetchedAgain = content.bytes.length;
                    String lost = content.keys.segment(new SegmentIndex(0));
                    world.store.objects.remove(lost);
                    Outsider leech = world.leech(content);
                    world.until("the leech has all", Duration.ofMinutes(5), () -> leech.finished);
                    world.until("stored again", Duration.ofMinutes(5), () -> world.store.objects.containsKey(lost));
                }),
                scenario("a stored segment is gone and a check is requested", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run run = world.run(world.worker(), content);
                    world.completes(run);
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.store.objects.remove(content.keys.segment(new SegmentIndex(1)));
                    run.check();
                    world.completes(run);
                    assertThat(run.status().totals().down())
                            .isLessThan(content.bytes.length + content.segment(1).length + 4L * World.MIB);
                }),
                scenario("spills are gone before the next owner comes", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    var done = first.handOver();
                    world.until("handed over", Duration.ofSeconds(30), done::isDone);
                    world.store.objects.keySet().removeIf(key -> key.startsWith(content.keys.spillsPrefix()));
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(world.takeOver(first, world.worker()));
                }),
                scenario("spills are gone after the next owner has listed them", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    Run first = world.run(world.worker(), content);
                    world.pass(Duration.ofSeconds(5));
                    var done = first.handOver();
                    world.until("handed over", Duration.ofSeconds(30), done::isDone);
                    world.store.away = key -> key.startsWith(content.keys.spillsPrefix()) && world.store.lists > 1;
                    Run next = world.takeOver(first, world.worker());
                    world.pass(world.random(Duration.ofSeconds(5)));
                    world.store.objects.keySet().removeIf(key -> key.startsWith(content.keys.spillsPrefix()));
                    world.store.away = key -> false;
                    world.mayBeFetchedAgain = content.bytes.length;
                    world.completes(next, Duration.ofMinutes(1));
                }),
                scenario("objects that are no spills are among the spills", world -> {
                    TorrentContent content = world.medium();
                    world.seed(content, 1_200_000);
                    for (int length : new int[] {0, 1, 5, 1000, 5 * World.MIB}) {
                        byte[] garbage = new byte[length];
                        Arrays.fill(garbage, (byte) 0xff);
                        world.store.objects.put(content.keys.spill(new SegmentIndex(0), new UUID(3, length)), garbage);
                    }
                    world.store.objects.put(content.keys.spillsPrefix() + "none", new byte[10]);
                    world.completes(world.run(world.worker(), content));
                }),
                scenario("segments become a file while peers download", world -> {
                    TorrentContent content = world.torrent(17_000, 300);
                    Outsider seed = world.seed(content);
                    Run run = world.run(world.worker(), content);
                    world.completes(run);
                    world.kill(seed.host);
                    Outsider leech = world.leech(content);
                    world.after(Duration.ofSeconds(8), () -> {
                        byte[] file = Arrays.copyOf(content.bytes, 17_000 * World.KIB);
                        world.store.objects.put(content.keys.file(new FileIndex(0)), file);
                        world.store.objects.remove(content.keys.segment(new SegmentIndex(0)));
                        world.store.objects.remove(content.keys.segment(new SegmentIndex(1)));
                    });
                    world.until("the leech has all", Duration.ofMinutes(5), () -> leech.finished);
                    assertThat(run.status().state()).isEqualTo(State.SEEDING);
                }),
                scenario("the metadata is written late", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    world.store.objects.remove(content.keys.info());
                    Run run = world.run(world.worker(), content);
                    world.untilState(run, State.STARTING, Reason.DAMAGED, Duration.ofSeconds(10));
                    world.store.objects.put(content.keys.info(), content.info.bytes());
                    world.completes(run, Duration.ofMinutes(1));
                    assertThat(run.status().reason()).isNull();
                }),
                scenario("the metadata is that of another torrent", world -> {
                    TorrentContent content = world.small();
                    TorrentContent other = world.small();
                    world.seed(content);
                    world.store.objects.put(content.keys.info(), other.info.bytes());
                    Run run = world.run(world.worker(), content);
                    world.untilState(run, State.STARTING, Reason.DAMAGED, Duration.ofSeconds(10));
                    world.pass(Duration.ofMinutes(5));
                    assertThat(run.status().reason()).isEqualTo(Reason.DAMAGED);
                    assertThat(world.tracker.announces)
                            .noneMatch(announce -> announce.from().getAddress().equals(run.worker.host.address()));
                }));
    }
}
