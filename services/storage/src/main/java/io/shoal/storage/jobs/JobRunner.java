package io.shoal.storage.jobs;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases due jobs and runs a few of them at a time, each in a virtual thread. It never interrupts a thread, because an interrupt
 * closes the thread's connection to the database, whatever the state of its transaction.
 */
@ApplicationScoped
public class JobRunner {
    private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);

    /** Jobs that run at one time in this process. Each of them copies a few objects at a time. */
    private static final int AT_ONCE = 8;

    /**
     * Pause between two queries for due jobs, of all replicas together, when nothing wakes the dispatcher: other processes enqueue
     * jobs too, and delays end.
     */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final Duration RENEWAL = JobQueue.LEASE.dividedBy(6);
    private static final Duration SHORTEST_DELAY = Duration.ofSeconds(1);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);

    /** Much shorter than what remains of a lease when renewing ends. */
    private static final Duration STOPPING = Duration.ofSeconds(10);

    private final JobQueue queue;
    private final MeterRegistry metrics;
    private final Duration patience;
    private final Duration look;
    private final Map<JobKind, Work> works = new EnumMap<>(JobKind.class);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore free = new Semaphore(AT_ONCE);
    private final Semaphore asked = new Semaphore(0);
    private final Set<Job> running = ConcurrentHashMap.newKeySet();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final LoopWatch watch = new LoopWatch();
    private final OutageLog outage = new OutageLog(LOG, "the database for jobs"); // used by the dispatcher only

    @Inject
    JobRunner(
            JobQueue queue,
            @Any Instance<Work> works,
            MeterRegistry metrics,
            @ConfigProperty(name = "shoal.replicas") int replicas) {
        this(queue, works, metrics, STOPPING, LOOK.multipliedBy(replicas));
    }

    /**
     * @param patience how long a stop waits for the jobs that run
     * @param look pause between two queries for due jobs
     */
    JobRunner(JobQueue queue, Iterable<Work> works, MeterRegistry metrics, Duration patience, Duration look) {
        this.queue = queue;
        this.metrics = metrics;
        this.patience = patience;
        this.look = look;
        works.forEach(work -> this.works.put(work.kind(), work));
    }

    void start(@Observes StartupEvent event) {
        start();
    }

    void start() {
        threads.execute(watch.watched(this::dispatch, JobRunner::died));
        threads.execute(this::renew);
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stop();
    }

    /**
     * Takes no more jobs and waits for those that run, but not for long. A job that still runs then keeps its lease: it ends with
     * this process, and another process takes the job over when the lease has ended.
     */
    void stop() throws InterruptedException {
        stopping.countDown();
        wake();
        threads.shutdown();
        if (!threads.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("{} jobs did not end in time and stay leased until their leases end", running.size());
        }
    }

    /**
     * Returns whether this process is stopping. A long job then throws at its next step, so that another process can take it at
     * once.
     */
    public boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /** Returns whether the dispatcher runs, or has ended regularly. */
    boolean isAlive() {
        return watch.isAlive();
    }

    private static void died(Throwable cause) {
        LOG.error("no jobs are taken any more, and this process ends", cause);
        Quarkus.asyncExit(1);
    }

    /** Makes the dispatcher query for due jobs now. */
    public void wake() {
        asked.release();
    }

    private void dispatch() {
        while (!isStopping()) {
            watch.turned();
            try {
                if (free.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    int room = 1 + free.drainPermits();
                    List<Job> taken = isStopping() ? List.of() : take(room);
                    free.release(room - taken.size());
                    taken.forEach(this::begin);
                    if (taken.isEmpty()) {
                        asked.tryAcquire(look.toMillis(), TimeUnit.MILLISECONDS);
                        asked.drainPermits();
                    }
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("nothing interrupts this thread", e);
            }
        }
    }

    /** Leases up to {@code room} due jobs; returns none if none is due or the database does not answer. */
    private List<Job> take(int room) {
        try {
            List<Job> taken = queue.take(room);
            outage.succeeded();
            return taken;
        } catch (RuntimeException e) { // our own faults too: they are logged, and the dispatcher goes on
            outage.failed(e);
            return List.of();
        }
    }

    private void begin(Job job) {
        running.add(job);
        try {
            threads.execute(() -> {
                try {
                    perform(job);
                } finally {
                    end(job);
                }
            });
        } catch (RejectedExecutionException e) { // this process ends
            giveBack(job);
            end(job);
        }
    }

    private void end(Job job) {
        running.remove(job);
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
                throw new IllegalStateException("no work is registered for " + job.kind());
            }
            work.perform(job);
            return true;
        } catch (StoreUnavailableException | NoSuchObjectException | Work.TryAgainException | JdbiException e) {
            if (!isStopping()) {
                LOG.warn("{} failed and will be tried again: {}", job, e.getMessage());
            }
        } catch (RuntimeException | Error e) { // our own fault: it is logged, and the other jobs go on
            LOG.error("{} failed and will be tried again", job, e);
        }
        return false;
    }

    private void giveBack(Job job) {
        try {
            queue.postpone(job, isStopping() ? Duration.ZERO : delay(job.attempts()));
        } catch (JdbiException e) {
            LOG.warn("{} stays leased until its lease ends: {}", job, e.getMessage());
        }
    }

    private static Duration delay(int attempts) {
        Duration delay = SHORTEST_DELAY.multipliedBy(1L << Math.min(attempts - 1, 10));
        return delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY;
    }

    private void renew() {
        try {
            while (!stopping.await(RENEWAL.toMillis(), TimeUnit.MILLISECONDS)) {
                renewOnce();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nothing interrupts this thread", e);
        }
    }

    private void renewOnce() {
        try {
            queue.renew(running);
        } catch (JdbiException e) {
            LOG.warn("leases are not renewed: {}", e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.error("leases are not renewed", e);
        }
    }
}
