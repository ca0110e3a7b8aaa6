package io.shoal.local.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.embedded.Home;
import io.shoal.embedded.Server;
import io.shoal.local.world.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SupervisorTest {
    private static final Duration START = Duration.ofSeconds(30);

    /** Of a wave that ends in good order: never reached. */
    private static final Duration AMPLE = Duration.ofSeconds(40);

    /** Longer than a kill takes on the busiest machine, far shorter than {@link #AMPLE}. */
    private static final Duration BUSY = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final Supervisor supervisor = new Supervisor();

    private record Shell(String name, String script) implements Server {
        @Override
        public void prepare() {}

        @Override
        public ProcessBuilder command() {
            return new ProcessBuilder("sh", "-c", script);
        }

        @Override
        public boolean isReady() {
            return true;
        }
    }

    @AfterEach
    void stop() {
        supervisor.stop();
    }

    /** In a virtual machine with one carrier: the scheduler could otherwise add more, which it does not promise. */
    @Test
    void childrenAreStoppedWhileEveryCarrierIsHeldByOneThatPrintsNothing() throws Exception {
        Path output = folder.resolve("output");
        Process launcher = new ProcessBuilder(
                        Home.java(),
                        "-Djdk.virtualThreadScheduler.parallelism=1",
                        "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OneCarrier.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(launcher.waitFor(START.toSeconds() + BUSY.toSeconds(), TimeUnit.SECONDS))
                    .as(() -> "ended; so far: " + read(output))
                    .isTrue();
            assertThat(launcher.exitValue()).as(() -> read(output)).isZero();
        } finally {
            launcher.descendants().forEach(ProcessHandle::destroyForcibly);
            launcher.destroyForcibly();
        }
    }

    /** A launcher whose only carrier is held by a child that prints nothing. */
    static final class OneCarrier {
        private OneCarrier() {}

        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            Process silent = new ProcessBuilder("sleep", "600").start();
            CountDownLatch reading = new CountDownLatch(1);
            Thread.ofVirtual().start(() -> {
                reading.countDown();
                awaitOutput(silent);
            });
            reading.await();
            Supervisor supervisor = new Supervisor();
            List<Child> children =
                    List.of(child(folder, "silent-0", "exec sleep 600"), child(folder, "silent-1", "exec sleep 600"));
            supervisor.start(List.of(new Supervisor.Wave(children, AMPLE)), START);
            supervisor.stop();
            children.forEach(SupervisorTest::assertEnded);
            silent.destroyForcibly();
            System.exit(0);
        }

        private static void awaitOutput(Process process) {
            try {
                assertThat(process.getInputStream().read()).isNegative();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void aChildThatDoesNotEndIsKilledWithItsDescendantsAfterItsGrace() throws Exception {
        Path pids = folder.resolve("pids");
        Child stubborn = child(
                "stubborn", "trap '' TERM; (trap '' TERM; sleep 600) & echo $! > " + pids + "; while :; do wait; done");
        supervisor.start(List.of(new Supervisor.Wave(List.of(stubborn), Duration.ofSeconds(1))), START);
        while (!Files.exists(pids) || Files.readString(pids).isBlank()) {
            Thread.onSpinWait();
        }
        long descendant = Long.parseLong(Files.readString(pids).strip());

        assertThat(secondsToStop()).isBetween(0L, BUSY.toSeconds());
        assertEnded(stubborn);
        Await.until("its descendant has ended", BUSY, () -> !runs(descendant));
    }

    @Test
    void theLastWaveHasEndedBeforeTheOneBeforeItIsAskedTo() throws Exception {
        Path order = folder.resolve("order");
        Child server = child("server", noting(order, "server"));
        Child worker = child("worker", noting(order, "worker"));
        supervisor.start(
                List.of(new Supervisor.Wave(List.of(server), AMPLE), new Supervisor.Wave(List.of(worker), AMPLE)),
                START);
        for (String name : List.of("server", "worker")) {
            while (!Files.exists(folder.resolve(name))) {
                Thread.onSpinWait();
            }
        }

        supervisor.stop();
        assertThat(Files.readAllLines(order)).containsExactly("worker", "server");
    }

    @Test
    void aWatcherThatBlocksDoesNotKeepAChildFromBeingStopped() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        Child child = new Child(
                new Shell("dies", "exit 1"),
                new ChildLog("dies", folder.resolve("dies.json")),
                true,
                new Child.Watcher() {
                    @Override
                    public void started(String name, long pid) {}

                    @Override
                    public void died(String name, long pid, int exitCode, boolean followed) {
                        blocked.countDown();
                        try {
                            never.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                });
        supervisor.start(List.of(new Supervisor.Wave(List.of(child), AMPLE)), START);
        blocked.await();

        assertThat(secondsToStop()).isLessThan(BUSY.toSeconds());
        never.countDown();
    }

    @Test
    void nothingIsStartedAfterTheStop() throws Exception {
        supervisor.stop();
        Child late = child("late", "exec sleep 600");
        assertThatThrownBy(() -> supervisor.start(List.of(new Supervisor.Wave(List.of(late), AMPLE)), START))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("stopped");
        assertThat(late.pid()).isZero();
    }

    @Test
    void aChildThatWasStoppedCanBeStartedAgain() throws Exception {
        Child child = child("again", "exec sleep 600");
        supervisor.start(List.of(new Supervisor.Wave(List.of(child), AMPLE)), START);
        long first = child.pid();
        child.stop();
        child.start();
        assertThat(child.pid()).isNotEqualTo(first);
        assertThat(ProcessHandle.of(child.pid()).filter(ProcessHandle::isAlive)).isPresent();
    }

    /** Whether the process exists and is no zombie. */
    private static boolean runs(long pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Appends {@code name} to {@code order} at SIGTERM; makes a file of that name when it can. */
    private String noting(Path order, String name) {
        return "trap 'echo %s >> %s; exit 0' TERM; : > %s; while :; do sleep 0.1; done"
                .formatted(name, order, folder.resolve(name));
    }

    private long secondsToStop() {
        long begun = System.nanoTime();
        supervisor.stop();
        return Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    }

    private static void assertEnded(Child child) {
        assertThat(ProcessHandle.of(child.pid()).filter(ProcessHandle::isAlive))
                .as(child.name())
                .isEmpty();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private Child child(String name, String script) {
        return child(folder, name, script);
    }

    private static Child child(Path folder, String name, String script) {
        return new Child(
                new Shell(name, script), new ChildLog(name, folder.resolve(name + ".json")), true, new Child.Watcher() {
                    @Override
                    public void started(String child, long pid) {}

                    @Override
                    public void died(String child, long pid, int exitCode, boolean followed) {}
                });
    }
}
