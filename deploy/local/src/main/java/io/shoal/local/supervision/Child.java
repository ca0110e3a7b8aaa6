package io.shoal.local.supervision;

import io.shoal.embedded.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One child process and its successors. While it is wanted, a process that dies is followed by another, unless restarts are
 * off; the {@link Watcher} is notified of each start and death.
 *
 * <p>All state is guarded by the object itself. No lock is held while a watcher runs or a server prepares its folder, so
 * {@link #terminate} and {@link #kill} never wait for either. Threads are platform threads: starting a process and writing
 * files blocks, and would keep a virtual thread's carrier.
 */
public final class Child {
    private static final Duration STOP_GRACE = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** After a process has lived so long, its death counts as the first again. */
    private static final Duration HEALTHY_LIFE = Duration.ofSeconds(30);

    private final Server server;
    private final ChildLog log;
    private final boolean restarts;
    private final Watcher watcher;
    private @Nullable Process process;
    private boolean wanted;
    private boolean retired;
    private Duration pause = FIRST_PAUSE;

    /** Is notified of what happens to children: of a start by the thread that starts, of a death by the child's own. */
    public interface Watcher {
        /** A new process runs; it may not be ready yet. */
        void started(String name, long pid);

        /** The process has ended without having been asked to. */
        void died(String name, long pid, int exitCode, boolean followed);
    }

    /** @param restarts whether a process that dies is followed by another */
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

    /** The server that runs in it. */
    public Server server() {
        return server;
    }

    /** The process that runs now or ran last; 0 before the first. */
    public synchronized long pid() {
        return process == null ? 0 : process.pid();
    }

    /**
     * Starts the process and from then on keeps it running. Does not wait until it is ready.
     *
     * @throws IOException if it cannot be started, or its supervisor has stopped
     */
    public void start() throws IOException, InterruptedException {
        server.prepare();
        if (!launch(true)) {
            throw new IOException(name() + " is not started: its supervisor has stopped");
        }
    }

    /** Waits until the server is ready. */
    public void awaitReady(Duration timeout) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!server.isReady()) {
            Process now = current();
            if (now == null || !isWanted() || (now.waitFor(50, TimeUnit.MILLISECONDS) && !restarts)) {
                throw new IOException(name() + " ended before it was ready; see " + log.file());
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "%s is not ready after %d s; see %s".formatted(name(), timeout.toSeconds(), log.file()));
            }
            Thread.sleep(Duration.ofMillis(20));
        }
    }

    /** Asks the process to end, and kills it when it has not after 10 s. It may be started again. */
    public void stop() {
        Supervisor.end(List.of(this), STOP_GRACE, Child::terminate);
    }

    /** Asks the process to end; another follows only after {@link #start}. Does not wait. */
    void terminate() {
        Process last;
        synchronized (this) {
            wanted = false;
            notifyAll();
            last = process;
        }
        if (last != null) {
            server.terminate(last);
        }
    }

    /** As {@link #terminate}; {@link #start} is refused from now on. */
    void retire() {
        synchronized (this) {
            retired = true;
        }
        terminate();
    }

    /** Ends the process and its descendants with SIGKILL, if it still runs. Does not wait. */
    void kill() {
        Process last = current();
        if (last != null && last.isAlive()) {
            log.note("has not ended in time, and is killed");
            List<ProcessHandle> all = Stream.concat(Stream.of(last.toHandle()), last.descendants())
                    .toList();
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** Waits until the process has ended; returns whether it has. */
    boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
        Process last = current();
        return last == null || last.waitFor(timeout, unit);
    }

    private synchronized @Nullable Process current() {
        return process;
    }

    private synchronized boolean isWanted() {
        return wanted;
    }

    /** Returns whether a process was started; none is once the child is not wanted any more. */
    private boolean launch(boolean first) throws IOException {
        Process fresh;
        synchronized (this) {
            if (retired || (!first && !wanted)) {
                return false;
            }
            wanted = true;
            ProcessBuilder command = server.command().redirectErrorStream(true);
            // In a session of its own, so that Ctrl-C reaches the launcher alone, which then stops all in the right
            // order.
            command.command().addFirst("setsid");
            fresh = command.start();
            process = fresh;
        }
        log.follow(fresh);
        watcher.started(name(), fresh.pid());
        long born = System.nanoTime();
        Thread.ofPlatform().daemon().name(name() + " watch").start(() -> watch(fresh, born));
        return true;
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

    private void follow(long lifeNanos) throws InterruptedException {
        if (lifeNanos > HEALTHY_LIFE.toNanos()) {
            pause = FIRST_PAUSE;
        }
        awaitStop(pause);
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        while (isWanted()) {
            try {
                launch(false);
                return;
            } catch (IOException e) {
                log.note("cannot be started again: " + e.getMessage());
                awaitStop(LONGEST_PAUSE);
            }
        }
    }

    /** Returns after {@code limit}, or as soon as the child is not wanted any more. */
    private synchronized void awaitStop(Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        for (long left = limit.toNanos(); wanted && left > 0; left = until - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }
}
