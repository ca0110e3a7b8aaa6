package io.shoal.swarm.worker;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.contracts.topics.Topics;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.objectstore.VirtualThreadStore;
import io.shoal.swarm.ownership.Ownership;
import io.shoal.swarm.ownership.OwnershipConfig;
import io.shoal.swarm.running.PeerIds;
import io.shoal.swarm.running.WorkerSliceFactory;
import io.shoal.swarm.scratch.Scratch;
import io.shoal.swarm.segments.ExtentCache;
import io.shoal.swarm.segments.StoreCalls;
import io.shoal.swarm.segments.StoreCounters;
import io.shoal.swarm.segments.WorkerStorage;
import io.shoal.swarm.slots.Slots;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the parts of the worker and closes them in the opposite order. It joins the group when Kafka and the store
 * have answered for the first time; until then it is alive but not ready.
 */
@ApplicationScoped
public class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int STARTS_PER_SECOND = 50;

    /** Threads that read slots for peers: short reads, mostly from the page cache. */
    private static final int DISK_THREADS = 2;

    private final WorkerSettings settings;
    private final ObjectStore store;
    private final KafkaClientConfig kafka;
    private final OutageLog outage = new OutageLog(LOG, "Kafka or the store");
    private final LoopWatch joining = new LoopWatch();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private boolean started; // guarded by this
    private volatile @Nullable Parts parts;

    Worker(WorkerSettings settings, ObjectStore store, Config config) {
        this.settings = settings;
        this.store = store;
        this.kafka =
                KafkaClientConfig.of(config.getPropertyNames(), name -> config.getOptionalValue(name, String.class));
    }

    /** The parts of a worker. */
    record Parts(
            Scratch scratch,
            Slots slots,
            StoreCounters counters,
            ExtentCache extents,
            ExecutorService disk,
            ExecutorService background,
            ThreadLoop sliceThread,
            WorkerEngine engine,
            WorkerSliceFactory slices,
            Ownership ownership) {}

    /** Returns its parts; null before it has started. */
    @Nullable
    Parts parts() {
        return parts;
    }

    /** Whether the group is joined. */
    boolean isReady() {
        Parts built = parts;
        return built != null && built.ownership.isJoined();
    }

    /** Whether the worker makes progress. */
    boolean isAlive() {
        Parts built = parts;
        return joining.isAlive() && (built == null || built.ownership.isAlive());
    }

    private static void exitAfterFailure(Throwable cause) {
        LOG.error("{} has failed, and this process ends", Thread.currentThread().getName(), cause);
        Quarkus.asyncExit(1);
    }

    void start(@Observes StartupEvent event) throws IOException {
        Parts built = build();
        parts = built;
        Thread.ofPlatform()
                .daemon()
                .name("joining")
                .start(joining.watched(() -> join(built), Worker::exitAfterFailure));
    }

    private Parts build() throws IOException {
        Scratch scratch = Scratch.open(
                settings.scratch().file(), settings.scratch().bytes().asLongValue());
        Slots slots = new Slots(scratch.slots(), System::nanoTime);
        StoreCounters counters = new StoreCounters();
        ThreadLoop sliceThread = new ThreadLoop("slices");
        ExecutorService background = threads("scratch-", StoreCalls.WRITES);
        StoreCalls calls = new StoreCalls(
                new VirtualThreadStore(store),
                StoreCalls.Backoff.NORMAL,
                counters,
                new StoreCalls.Environment(
                        sliceThread, background, RandomGenerator.of("L64X128MixRandom"), ByteBuffer::allocateDirect));
        ExtentCache extents = new ExtentCache(settings.cache().bytes().asLongValue(), calls);
        ExecutorService disk = threads("slots-", DISK_THREADS);
        WorkerEngine engine = WorkerEngine.of(settings);
        WorkerSliceFactory slices = new WorkerSliceFactory(
                engine,
                new WorkerStorage(scratch, slots, calls, extents, disk, System::nanoTime, UUID::randomUUID),
                new PeerIds(settings.fleetKey()),
                sliceThread,
                InstantSource.system());
        Ownership ownership = new Ownership(
                new OwnershipConfig(
                        kafka,
                        settings.worker().name(),
                        settings.kafka().sessionTimeout(),
                        settings.handOver(),
                        STARTS_PER_SECOND),
                slices,
                Worker::exitAfterFailure);
        return new Parts(scratch, slots, counters, extents, disk, background, sliceThread, engine, slices, ownership);
    }

    private static ExecutorService threads(String name, int count) {
        return Executors.newFixedThreadPool(
                count, Thread.ofPlatform().daemon().name(name, 0).factory());
    }

    /** Waits for Kafka and the store, then joins the group. */
    private void join(Parts built) {
        try {
            while (!answers()) {
                if (stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            startUnlessStopping(built);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            LOG.error("This deployment is not the one that the worker is configured for", e);
            Quarkus.asyncExit(1);
        }
    }

    private synchronized void startUnlessStopping(Parts built) {
        if (stopping.getCount() > 0) {
            started = true;
            built.ownership.start();
        }
    }

    private synchronized boolean stopStarting() {
        stopping.countDown();
        return started;
    }

    private boolean answers() throws InterruptedException {
        joining.turned();
        try (Admin admin = Topics.connect(kafka, settings.worker().name() + "-admin")) {
            new Topics(admin, settings.partitions(), settings.replication()).ensure();
            store.ensureBucket();
            outage.succeeded();
            return true;
        } catch (ExecutionException | KafkaException | StoreUnavailableException e) {
            outage.failed(e);
            return false;
        }
    }

    /** Whether an operator has marked this stop as permanent, not a restart. */
    private boolean isPermanentStop() {
        Path file = settings.leaveFile().orElse(null);
        try {
            return file != null
                    && Files.exists(file)
                    && Files.readString(file).strip().equals("true");
        } catch (IOException e) {
            LOG.warn("Whether to leave cannot be read: taken for a restart", e);
            return false;
        }
    }

    void stop(@Observes ShutdownEvent event) throws IOException {
        boolean owning = stopStarting();
        Parts built = parts;
        if (built == null) {
            return;
        }
        if (owning) {
            boolean leaving = isPermanentStop();
            LOG.info("Handing over {} slices; {}", built.ownership.owned(), leaving ? "leaving" : "to be back");
            built.ownership.stop(leaving);
        }
        built.engine.close();
        built.sliceThread.close();
        built.disk.shutdown();
        built.background.shutdown();
        built.extents.close();
        built.scratch.close();
    }
}
