package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Magnets, whose metadata comes from peers. */
class MagnetsTest {
    private static final String OBJECT = ObjectKeys.resolved(Run.TRANSFER);

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                scenario("a magnet is resolved by a seed", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    resolves(world, world.run(world.worker(), content, Run.magnet(content)), Duration.ofMinutes(1));
                }),
                scenario("liars offer metadata first", world -> {
                    TorrentContent content = world.small();
                    world.hostile(content, host -> new MetadataLiar(host, content, 32 << 20, false));
                    world.hostile(content, host -> new MetadataLiar(host, content, content.info.size(), true));
                    world.hostile(content, host -> new MetadataLiar(host, content, 5_000_000, true));
                    Run run = world.run(world.worker(), content, Run.magnet(content));
                    world.pass(Duration.ofSeconds(1));
                    world.seed(content);
                    resolves(world, run, Duration.ofMinutes(5));
                }),
                scenario("the store is away when the metadata is found", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    world.store.away = key -> true;
                    Run run = world.run(world.worker(), content, Run.magnet(content));
                    world.untilState(run, State.RESOLVING, Reason.STORAGE_WAIT, Duration.ofMinutes(2));
                    world.pass(Duration.ofMinutes(2));
                    world.store.away = key -> false;
                    resolves(world, run, Duration.ofMinutes(1));
                }),
                scenario("a search is handed over", world -> {
                    TorrentContent content = world.small();
                    Run first = world.run(world.worker(), content, Run.magnet(content));
                    world.untilState(first, State.RESOLVING, Reason.NO_METADATA, Duration.ofSeconds(10));
                    var done = first.handOver();
                    world.until("handed over", Duration.ofSeconds(30), done::isDone);
                    Run next = world.takeOver(first, world.worker());
                    world.seed(content);
                    resolves(world, next, Duration.ofMinutes(2));
                }),
                scenario("a search is paused, continues, and its worker is killed", world -> {
                    TorrentContent content = world.small();
                    Run run = world.run(world.worker(), content, Run.magnet(content));
                    world.pass(Duration.ofSeconds(5));
                    run.stop();
                    world.untilState(run, State.STOPPED, Reason.NO_METADATA, Duration.ofSeconds(10));
                    run.resume();
                    world.untilState(run, State.RESOLVING, Reason.NO_METADATA, Duration.ofSeconds(10));
                    world.kill(run.worker.host);
                    world.seed(content);
                    resolves(world, world.takeOver(run, world.worker()), Duration.ofMinutes(2));
                }),
                scenario("a magnet becomes a torrent", world -> {
                    TorrentContent content = world.small();
                    world.seed(content);
                    SimulatedWorker worker = world.worker();
                    Run search = world.run(worker, content, Run.magnet(content));
                    resolves(world, search, Duration.ofMinutes(1));
                    var ended = search.end();
                    world.until("ended", Duration.ofSeconds(30), ended::isDone);
                    world.completes(world.run(worker, content));
                }));
    }

    private static void resolves(World world, Run run, Duration most) {
        world.until("resolved", most, () -> run.status().state() == State.RESOLVED);
        assertThat(world.store.objects.get(OBJECT)).isEqualTo(run.content.info.bytes());
        assertThat(run.status().infoKey()).isEqualTo(OBJECT);
    }
}
