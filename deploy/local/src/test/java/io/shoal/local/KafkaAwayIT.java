package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.world.Await;
import io.shoal.local.world.TestPlatform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the services cost while Kafka does not answer, and while it is gone. */
@Timeout(value = 9, unit = TimeUnit.MINUTES)
class KafkaAwayIT {
    /** Of one core, for each service. */
    private static final double MOST = 0.02;

    private static final long TICKS_PER_SECOND = 100;

    @RegisterExtension
    private static final TestPlatform world = TestPlatform.with(Options::withoutRestarts);

    @Test
    void aServiceWhoseKafkaIsAwayIdles() throws Exception {
        Await.until("the services idle", Duration.ofMinutes(2), () -> busiest(Duration.ofSeconds(5)) < MOST);
        long kafka = world.platform().child("kafka").pid();

        signal(kafka, "STOP");
        assertIdle("frozen", Duration.ofSeconds(40));

        signal(kafka, "KILL");
        assertIdle("killed", Duration.ofSeconds(60));
    }

    /** The best of three times counts: a busy neighbour of this machine makes every instruction take longer. */
    private static void assertIdle(String kafka, Duration time) throws Exception {
        Map<String, Double> shares = shares(time);
        for (int again = 2; again > 0 && shares.values().stream().anyMatch(share -> share >= MOST); again--) {
            shares = shares(time);
        }
        assertThat(shares).as(kafka).allSatisfy(KafkaAwayIT::isIdle);
    }

    private static void isIdle(String service, Double share) {
        assertThat(share).as(service).isLessThan(MOST);
    }

    private static double busiest(Duration time) throws Exception {
        return shares(time).values().stream().mapToDouble(share -> share).max().orElseThrow();
    }

    /** The share of a core that each service takes in {@code time} from now. */
    private static Map<String, Double> shares(Duration time) throws Exception {
        Map<String, Long> before = ticks();
        long begin = System.nanoTime();
        assertThat(new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS))
                .as("the time is what is measured over")
                .isFalse();
        Map<String, Long> after = ticks();
        double seconds = (System.nanoTime() - begin) / 1e9;
        Map<String, Double> shares = new TreeMap<>();
        after.forEach((name, ticks) ->
                shares.put(name, (ticks - before.getOrDefault(name, 0L)) / (TICKS_PER_SECOND * seconds)));
        System.out.println("share of a core in " + Math.round(seconds) + " s: " + shares);
        return shares;
    }

    /** The CPU time of each service, of user and kernel. */
    private static Map<String, Long> ticks() {
        return world.platform().endpoints().processes().stream()
                .filter(process -> process.management() != null)
                .map(Endpoints.Running::name)
                .collect(Collectors.toMap(
                        name -> name, name -> ticks(world.platform().child(name).pid())));
    }

    private static long ticks(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.mapToLong(KafkaAwayIT::ticks).sum();
        } catch (IOException e) {
            throw new AssertionError("a service has ended", e);
        }
    }

    /** Of one thread; none of those that compile, which they do once in the life of a process. */
    private static long ticks(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            int end = stat.lastIndexOf(')');
            List<String> fields = List.of(stat.substring(end + 2).split(" "));
            return stat.substring(0, end).contains("CompilerThre")
                    ? 0
                    : Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12));
        } catch (IOException e) {
            return 0; // it has ended
        }
    }

    private static void signal(long pid, String signal) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }
}
