package io.shoal.local.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shoal.embedded.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ChildTest {
    @TempDir
    private Path folder;

    private final BlockingQueue<Long> started = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> died = new LinkedBlockingQueue<>();
    private Child child;

    private record Shell(String script) implements Server {
        @Override
        public String name() {
            return "shell";
        }

        @Override
        public void prepare() {}

        @Override
        public ProcessBuilder command() {
            return new ProcessBuilder("sh", "-c", script);
        }

        @Override
        public boolean isReady() {
            return false;
        }
    }

    @BeforeEach
    void create() {
        child = child("echo hello; exec sleep 60", true);
    }

    @AfterEach
    void stop() {
        child.stop();
    }

    @Test
    void oneThatDiesIsFollowedByAnotherAndItIsSaid() throws Exception {
        child.start();
        long first = next(started);
        kill(first);
        assertThat(next(died)).isEqualTo("shell 137 followed");
        assertThat(next(started)).isNotEqualTo(first).isEqualTo(child.pid());
    }

    @Test
    void oneThatIsNotToBeRestartedStaysDead() throws Exception {
        child = child("exec sleep 60", false);
        child.start();
        kill(next(started));
        assertThat(next(died)).isEqualTo("shell 137 left");
        assertThatThrownBy(() -> child.awaitReady(Duration.ofSeconds(10)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended before it was ready");
        assertThat(started).isEmpty();
    }

    @Test
    void oneThatIsStoppedIsNotMourned() throws Exception {
        child.start();
        long pid = next(started);
        child.stop();
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(died).isEmpty();
    }

    @Test
    void whatItPrintsBecomesJson() throws Exception {
        child = child("echo plain; echo '{\"level\":\"INFO\"}'; exit 3", false);
        child.start();
        assertThat(next(died)).isEqualTo("shell 3 left");
        Path log = folder.resolve("log.json");
        List<String> lines = List.of();
        while (lines.size() < 2) {
            lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        }
        JsonNode wrapped = new ObjectMapper().readTree(lines.get(0));
        assertThat(wrapped.path("message").asText()).isEqualTo("plain");
        assertThat(wrapped.path("process").asText()).isEqualTo("shell");
        assertThat(lines.get(1)).isEqualTo("{\"level\":\"INFO\"}");
    }

    private Child child(String script, boolean restarts) {
        return new Child(
                new Shell(script), new ChildLog("shell", folder.resolve("log.json")), restarts, new Child.Watcher() {
                    @Override
                    public void started(String name, long pid) {
                        started.add(pid);
                    }

                    @Override
                    public void died(String name, long pid, int exitCode, boolean followed) {
                        died.add(name + " " + exitCode + (followed ? " followed" : " left"));
                    }
                });
    }

    private static void kill(long pid) {
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        return java.util.Objects.requireNonNull(queue.poll(20, TimeUnit.SECONDS), "nothing happened");
    }
}
