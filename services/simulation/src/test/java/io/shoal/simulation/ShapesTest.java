package io.shoal.simulation;

import static io.shoal.simulation.Scenario.scenario;
import static io.shoal.simulation.World.KIB;
import static io.shoal.simulation.World.MIB;

import java.time.Duration;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Torrents as they are laid out: tiny and huge pieces, pads, empty files, odd sizes. Each changes its owner half-way. */
class ShapesTest {
    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.tests(
                shape("tiny pieces", world -> world.torrentOf(16 * KIB, 3 * MIB + 5, 77, 40 * KIB)),
                shape("pieces across many files", world -> world.torrentOf(4 * MIB, 900_001, 3_000_003, 5, 8_000_009)),
                shape("a file of three segments", world -> world.torrentOf(MIB, 33L * MIB + 1)),
                shape(
                        "a large file that ends in the middle of a piece, and small ones",
                        world -> world.torrentOf(512 * KIB, 17L * MIB + 300, MIB + 5, 2 * MIB + 7)),
                shape(
                        "pad files",
                        world -> world.torrentOf(
                                256 * KIB,
                                300 * KIB + 1,
                                -(211 * KIB + 1023),
                                700 * KIB,
                                -600 * KIB,
                                5,
                                -3000,
                                20_000)),
                shape(
                        "empty files and files of one byte",
                        world -> world.torrentOf(32 * KIB, 0, 1, 0, 1, 1, 500_000, 0, 1)),
                shape(
                        "four hundred files",
                        world -> world.torrentOf(
                                64 * KIB,
                                LongStream.range(0, 400).map(n -> n * 37).toArray())),
                shape("one byte", world -> world.torrentOf(16 * KIB, 1)),
                shape("files that fill segments exactly", world -> world.torrentOf(MIB, 8L * MIB, 8L * MIB, MIB)),
                shape(
                        "files of random lengths",
                        world -> world.torrentOf(
                                16 * KIB << world.simulation.random.nextInt(6),
                                LongStream.generate(() -> world.simulation.random.nextInt(3)
                                                * world.simulation.random.nextLong(3L * MIB))
                                        .limit(9)
                                        .map(length -> Math.max(1, length))
                                        .toArray())));
    }

    private interface Shape {
        TorrentContent in(World world);
    }

    private static Scenario shape(String name, Shape shape) {
        return scenario(name, world -> {
            TorrentContent content = shape.in(world);
            long rate = Math.max(100_000, content.bytes.length / 8);
            world.seed(content, rate);
            world.liar(content).host.rate(rate / 4, rate / 4);
            Run first = world.run(world.worker(), content);
            world.pass(Duration.ofSeconds(2).plus(world.random(Duration.ofSeconds(5))));
            var done = first.handOver();
            world.until("handed over", Duration.ofSeconds(30), done::isDone);
            world.mayBeFetchedAgain = content.bytes.length;
            Run next = world.takeOver(first, world.worker());
            world.completes(next, Duration.ofMinutes(2));
            Outsider leech = world.leech(content);
            world.until("a leech has all", Duration.ofMinutes(10), () -> leech.finished);
        });
    }
}
