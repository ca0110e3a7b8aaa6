package io.shoal.local.supervision;

import io.shoal.embedded.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One child process and its successors. While it is wanted, one that dies is followed by another, unless it is to stay dead;
 * every such turn is told to the {@link Watcher}. All state is guarded by the object itself.
 */
public final class Child {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** After a life of this length a death counts as the first again. */
    private static final Duration HEALTHY_LIFE = Duration.ofSeconds(30);

    private final Server server;
    private final ChildLog log;
    private final boolean restarts;
    private final Watcher watcher;
    private @Nullable Process process;
    private boolean wanted;
    private Duration pause = FIRST_PAUSE;

    /** Hears of what happens to children, on their own threads. */
    public interface Watcher {
        /** A new process runs; it may not be ready yet. */
        void started(String name, long pid);

        /** The process has ended and nobody had asked it to. */
        void died(String name, long pid, int exitCode, boolean followed);
    }

    /** @param restarts whether one that dies is followed by another */
    public Child(Server server, ChildLog log, boolean restarts, Watcher watcher) {
        this.server = server;
        this.log = log;
        this.restarts = restarts;
        this.watcher = watcher;
    }

    /** The server's name. */
    public String name() {
        return server.name();
    }

    /** What runs in it. */
    public Server server() {
        return server;
    }

    /** The process that runs now or ran last; 0 before the first. */
    public synchronized long pid() {
        return process == null ? 0 : process.pid();
    }

    /** Starts it and from then on keeps it running. Does not wait until it is ready. */
    public void start() throws IOException, InterruptedException {
        server.prepare();
        synchronized (this) {
            wanted = true;
            launch();
        }
    }

    /** Waits until the server answers. */
    public void awaitReady(Duration timeout) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!server.isReady()) {
            Process now = current();
            if (now == null || (now.waitFor(50, TimeUnit.MILLISECONDS) && !restarts)) {
                throw new IOException(name() + " ended before it was ready; see " + log.file());
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "%s is not ready after %d s; see %s".formatted(name(), timeout.toSeconds(), log.file()));
            }
            Thread.sleep(Duration.ofMillis(20));
        }
    }

    /** Asks it to end and waits for that; kills it when it does not end in 30 seconds. */
    public void stop() {
        Process last;
        synchronized (this) {
            wanted = false;
            notifyAll();
            last = process;
        }
        if (last == null) {
            return;
        }
        last.destroy();
        try {
            if (!last.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                last.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            last.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable Process current() {
        return process;
    }

    /** Called with the lock held. */
    private void launch() throws IOException {
        ProcessBuilder command = server.command().redirectErrorStream(true);
        // In a session of its own, so that Ctrl-C reaches the launcher alone, which then stops all in the right order.
        command.command().addFirst("setsid");
        Process fresh = command.start();
        process = fresh;
        log.follow(fresh);
        watcher.started(name(), fresh.pid());
        long born = System.nanoTime();
        Thread.ofVirtual().name(name() + " watch").start(() -> watch(fresh, born));
    }

    private void watch(Process watched, long born) {
        try {
            int exitCode = watched.waitFor();
            if (isWanted()) {
                watcher.died(name(), watched.pid(), exitCode, restarts);
                if (restarts) {
                    follow(System.nanoTime() - born);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isWanted() {
        return wanted;
    }

    private synchronized void follow(long lifeNanos) throws InterruptedException {
        if (lifeNanos > HEALTHY_LIFE.toNanos()) {
            pause = FIRST_PAUSE;
        }
        long until = System.nanoTime() + pause.toNanos();
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        for (long left = until - System.nanoTime(); wanted && left > 0; left = until - System.nanoTime()) {
            wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
        }
        while (wanted) {
            try {
                launch();
                return;
            } catch (IOException e) {
                log.note("cannot be started again: " + e.getMessage());
                wait(LONGEST_PAUSE.toMillis());
            }
        }
    }
}
