package io.shoal.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * All kinds of faults at once, in an order that only the seed knows. When they are over, every torrent completes.
 */
class StormTest {
    private static final int STORMS = 12;

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(IntStream.range(0, STORMS)
                .mapToObj(n -> Scenario.scenario("storm " + n, world -> new Storm(world).play()))
                .toArray(Scenario[]::new));
    }

    private static final class Storm {
        private static final Duration LENGTH = Duration.ofMinutes(2);

        private final World world;
        private final List<Run> current = new ArrayList<>();

        Storm(World world) {
            this.world = world;
        }

        void play() {
            List<SimulatedWorker> workers = List.of(world.worker(4), world.worker(4));
            int torrents = 1 + random(3);
            for (int i = 0; i < torrents; i++) {
                TorrentContent content = world.torrent(3000 + random(6000), 100 + random(3000), 200);
                world.seed(content, 150_000);
                world.leech(content);
                if (random(2) == 0) {
                    world.liar(content);
                }
                current.add(world.run(workers.get(random(2)), content));
            }
            world.mayBeFetchedAgain = Long.MAX_VALUE / 2; // killed again and again
            long end = world.simulation.now() + LENGTH.toNanos();
            while (world.simulation.now() < end) {
                world.pass(world.random(Duration.ofSeconds(6)));
                act();
            }
            heal();
            for (Run run : current) {
                run.resume();
                run.select();
            }
            for (Run run : current) {
                world.completes(run, Duration.ofMinutes(10));
            }
        }

        private int random(int below) {
            return world.simulation.random.nextInt(below);
        }

        private void act() {
            int which = random(current.size());
            Run run = current.get(which);
            switch (random(13)) {
                case 0 -> world.store.failing = 0.5;
                case 1 -> world.store.answersLost = 0.5;
                case 2 -> world.store.away = key -> true;
                case 3 -> world.store.bytesPerSecond = 200_000;
                case 4 -> run.worker.scratch.isFull = true;
                case 5 -> run.worker.scratch.isUnreadable = true;
                case 6 -> run.stop();
                case 7 -> run.select(random(3));
                case 8 -> run.check();
                case 9 -> moveAll(run.worker, true);
                case 10 -> moveAll(run.worker, false);
                case 11 -> IntStream.range(0, 3).forEach(n -> world.network.tearOne());
                default -> heal();
            }
        }

        /** All slices of a worker get another owner: it was killed, or has lost them and knows it a little later. */
        private void moveAll(SimulatedWorker from, boolean killed) {
            SimulatedWorker next = world.worker(4);
            if (killed) {
                world.kill(from.host);
            }
            for (int i = 0; i < current.size(); i++) {
                Run run = current.get(i);
                if (run.worker == from) {
                    current.set(i, world.takeOver(run, next));
                    if (!killed) {
                        world.after(world.random(Duration.ofSeconds(5)), run::drop);
                    }
                }
            }
        }

        private void heal() {
            world.store.failing = 0;
            world.store.answersLost = 0;
            world.store.away = key -> false;
            world.store.bytesPerSecond = 50_000_000;
            for (Run run : current) {
                run.worker.scratch.isFull = false;
                run.worker.scratch.isUnreadable = false;
                run.resume();
            }
        }
    }
}
