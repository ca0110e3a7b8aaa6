package io.shoal.storage.jobs;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.JdbiException;

/** Takes jobs while there are any and does a few of them at once, each in a virtual thread. */
@ApplicationScoped
public class JobRunner {
    private static final Logger LOG = Logger.getLogger(JobRunner.class);

    /** Jobs at once in this process: each asks the store for a few copies at a time. */
    private static final int AT_ONCE = 8;

    /** Between two looks when nobody wakes us: other processes enqueue too, and delays end. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final Duration RENEWAL = JobQueue.LEASE.dividedBy(6);
    private static final Duration SHORTEST_DELAY = Duration.ofSeconds(1);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);
    private static final Duration STOPPING = Duration.ofSeconds(10);

    private final JobQueue queue;
    private final MeterRegistry metrics;
    private final Map<JobKind, Work> works = new EnumMap<>(JobKind.class);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final Semaphore asked = new Semaphore(0);
    private final Set<Long> running = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    JobRunner(JobQueue queue, @Any Instance<Work> works, MeterRegistry metrics) {
        this.queue = queue;
        this.metrics = metrics;
        works.forEach(work -> this.works.put(work.kind(), work));
    }

    void start(@Observes StartupEvent event) {
        threads.execute(this::dispatch);
        threads.execute(this::renew);
    }

    /** What runs is interrupted, gives its job back and leaves it to others. */
    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        threads.shutdownNow();
        if (!threads.awaitTermination(STOPPING.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warnf("%d jobs did not stop in time; their leases will end", running.size());
        }
    }

    /** There may be a job that is due. */
    public void wake() {
        asked.release();
    }

    private void dispatch() {
        while (!stopping) {
            try {
                free.acquire();
                Optional<Job> job = take();
                if (job.isPresent()) {
                    begin(job.get());
                } else {
                    free.release();
                    asked.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                    asked.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Returns a job that is due, if there is one. Fails never, because no job would be done any more. */
    private Optional<Job> take() {
        try {
            return queue.take();
        } catch (JdbiException e) {
            LOG.warnf("no jobs can be taken: %s", e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.error("no jobs can be taken", e);
        }
        return Optional.empty();
    }

    private void begin(Job job) {
        running.add(job.id());
        try {
            threads.execute(() -> {
                try {
                    perform(job);
                } finally {
                    end(job);
                }
            });
        } catch (RejectedExecutionException e) { // we stop
            giveBack(job);
            end(job);
        }
    }

    private void end(Job job) {
        running.remove(job.id());
        free.release();
        wake();
    }

    private void perform(Job job) {
        Timer.Sample time = Timer.start(metrics);
        boolean done = attempt(job);
        time.stop(metrics.timer("shoal.jobs", "kind", job.kind().name(), "done", Boolean.toString(done)));
        if (!done) {
            giveBack(job);
        }
    }

    private boolean attempt(Job job) {
        try {
            Work work = works.get(job.kind());
            if (work == null) {
                throw new IllegalStateException("nothing does " + job.kind());
            }
            work.perform(job);
            return true;
        } catch (StoreUnavailableException | NoSuchObjectException | Work.TryAgainException | JdbiException e) {
            if (!stopping) {
                LOG.warnf("%s failed and will be tried again: %s", job, e.getMessage());
            }
        } catch (RuntimeException | Error e) { // a fault of ours: it must be seen, and must not end the other jobs
            LOG.errorf(e, "%s failed and will be tried again", job);
        }
        return false;
    }

    private void giveBack(Job job) {
        boolean interrupted = Thread.interrupted(); // else the database's driver would fail too
        try {
            queue.postpone(job, stopping ? Duration.ZERO : delay(job.attempts()));
        } catch (JdbiException e) {
            LOG.warnf("%s stays leased until its lease ends: %s", job, e.getMessage());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration delay(int attempts) {
        Duration delay = SHORTEST_DELAY.multipliedBy(1L << Math.min(attempts - 1, 10));
        return delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY;
    }

    private void renew() {
        while (!stopping) {
            try {
                Thread.sleep(RENEWAL);
                queue.renew(running);
            } catch (InterruptedException e) {
                return;
            } catch (JdbiException e) {
                LOG.warnf("leases are not renewed: %s", e.getMessage());
            } catch (RuntimeException | Error e) {
                LOG.error("leases are not renewed", e);
            }
        }
    }
}
