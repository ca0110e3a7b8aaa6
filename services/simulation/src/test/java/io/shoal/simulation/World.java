package io.shoal.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.swarms.MemoryStore;
import io.shoal.engine.swarms.SimulatedHost;
import io.shoal.engine.swarms.SimulatedNetwork;
import io.shoal.engine.swarms.SimulatedTracker;
import io.shoal.engine.swarms.SimulatedUdpTracker;
import io.shoal.engine.swarms.Simulation;
import io.shoal.swarm.ownership.SliceStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Workers, peers, trackers and a store, in one thread and with one clock. A scenario builds what it needs, causes
 * faults, and waits for what must follow; every random choice comes from the seed.
 *
 * <p>{@link #finish} ends everything and then holds the {@link Invariants}.
 */
final class World {
    static final int KIB = 1 << 10;
    static final int MIB = 1 << 20;

    private static final int FIRST_OUTSIDER = 1000;
    private static final int UDP_TRACKER = 999;
    private static final Duration STEP = Duration.ofMillis(100);

    final long seed;
    final Simulation simulation;
    final SimulatedNetwork network;
    final SimulatedTracker tracker;
    final SimulatedUdpTracker udpTracker;
    final SimulatedStore store;
    final BodyMemory memory = new BodyMemory();
    final List<TorrentContent> contents = new ArrayList<>();
    final List<SimulatedWorker> workers = new ArrayList<>();
    final List<Run> runs = new ArrayList<>();
    final List<Outsider> outsiders = new ArrayList<>();
    final Set<InetAddress> hostile = new LinkedHashSet<>();
    long mayBeFetchedAgain;

    /** Bytes of buffers in use when the world began. */
    final long buffersBefore = buffers();

    private boolean isAnyKilled;
    int mayFail;
    private int hosts = FIRST_OUTSIDER;

    World(long seed) {
        this.seed = seed;
        simulation = new Simulation(seed);
        network = new SimulatedNetwork(simulation);
        tracker = new SimulatedTracker(simulation);
        udpTracker = new SimulatedUdpTracker(network, simulation, UDP_TRACKER);
        store = new SimulatedStore(simulation, this::mayBe);
        simulation.after(Duration.ofSeconds(1), this::publish);
    }

    private boolean mayBe(String key, byte[] object) {
        return contents.stream()
                .filter(content -> key.startsWith(content.keys.prefix()))
                .findAny()
                .map(content -> content.mayBe(key, object))
                .orElse(true);
    }

    private void publish() {
        runs.stream().filter(run -> !run.isLeaving()).forEach(Run::publish);
        simulation.after(Duration.ofSeconds(1), this::publish);
    }

    // ---- What there is

    /** A torrent of files of these lengths in KiB; its metadata is in the store, where intake puts it. */
    TorrentContent torrent(long... kib) {
        long[] lengths = new long[kib.length];
        for (int i = 0; i < kib.length; i++) {
            lengths[i] = kib[i] * KIB;
        }
        return torrentOf(256 * KIB, lengths);
    }

    /** A torrent of files of these lengths in bytes; a negative one is a pad file. */
    TorrentContent torrentOf(int pieceLength, long... lengths) {
        return add(TorrentContent.of(contents.size(), simulation.random.split(), pieceLength, lengths));
    }

    TorrentContent add(TorrentContent content) {
        contents.add(content);
        store.objects.put(content.keys.info(), content.info.bytes());
        return content;
    }

    /** {@code content}, whose swarm only the UDP tracker knows. */
    TorrentContent overUdp(TorrentContent content) {
        return content.trackedBy(udpTracker.url());
    }

    /** How a host announces: to the UDP tracker with the engine's own client, to the others by call. */
    Function<List<DatagramPort>, TrackerClient> trackersOf(SimulatedHost host) {
        return ports -> {
            Map<Integer, TrackerClient> overUdp = new HashMap<>();
            for (DatagramPort port : ports) {
                overUdp.put(port.number(), udpTracker.clientOf(port, new SplittableRandom(port.number())));
            }
            TrackerClient byCall = tracker.from(host.address());
            return (url, request, loop, done) -> {
                TrackerClient client = url.equals(udpTracker.url()) ? overUdp.get(request.port()) : byCall;
                Objects.requireNonNull(client).announce(url, request, loop, done);
            };
        };
    }

    /** A torrent of one segment. */
    TorrentContent small() {
        return torrent(2500, 200);
    }

    /** A torrent of two segments. */
    TorrentContent medium() {
        return torrent(9000, 8000);
    }

    SimulatedWorker worker() {
        return worker(24);
    }

    SimulatedWorker worker(int slots) {
        int number = 1 + workers.size();
        SimulatedWorker worker = new SimulatedWorker(this, "worker-" + number, number, slots);
        worker.host.rate(10_000_000, 10_000_000);
        workers.add(worker);
        return worker;
    }

    /** A worker downloads all of {@code content}. */
    Run run(SimulatedWorker worker, TorrentContent content) {
        return run(worker, content, Run.all(content));
    }

    Run run(SimulatedWorker worker, TorrentContent content, SliceRecord wanted) {
        Run run = Run.first(worker, content, wanted);
        runs.add(run);
        return run;
    }

    /** The next owner begins where {@code before} has been when it published the last time. */
    Run takeOver(Run before, SimulatedWorker next) {
        Run run = before.takenOverBy(next);
        runs.add(run);
        return run;
    }

    /** A seed with 1 to 3 MB/s. */
    Outsider seed(TorrentContent content) {
        return seed(content, 1_000_000 + simulation.random.nextInt(2_000_000));
    }

    Outsider seed(TorrentContent content, long bytesPerSecond) {
        MemoryStore all = MemoryStore.of(content.info.pieces(), content.bytes);
        Outsider seed = outsider(content, all, Mode.SEED, true);
        seed.host.rate(bytesPerSecond, bytesPerSecond);
        return seed;
    }

    /** A peer that has nothing yet. */
    Outsider leech(TorrentContent content) {
        Outsider leech = outsider(content, MemoryStore.empty(content.info.pieces()), Mode.RUN, true);
        leech.host.rate(1_000_000, 3_000_000);
        return leech;
    }

    /** A peer that looks like a seed and gives wrong bytes. */
    Outsider liar(TorrentContent content) {
        MemoryStore wrong = MemoryStore.lying(content.info.pieces(), content.bytes.clone());
        Outsider liar = outsider(content, wrong, Mode.SEED, false);
        hostile.add(liar.host.address());
        liar.host.rate(1_000_000, 1_000_000);
        return liar;
    }

    /** A peer that has the pieces below {@code pieces} and no others. */
    Outsider partial(TorrentContent content, int pieces) {
        MemoryStore some = MemoryStore.of(content.info.pieces(), content.bytes);
        for (int piece = pieces; piece < content.info.pieces().count(); piece++) {
            some.lose(piece);
        }
        return outsider(content, some, Mode.SEED, true);
    }

    /** A peer with a script, which the tracker names. */
    void scripted(TorrentContent content, IntFunction<ConnectionHandler> script) {
        int number = nextHost();
        SimulatedHost host = network.host(number).rate(1_000_000, 1_000_000);
        try {
            network.of(host).listen(SimulatedNetwork.address(number, 0), remote -> script.apply(number));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tracker.add(content.tracker, SimulatedNetwork.address(number, 0));
    }

    /** A peer with a script that may be banned. */
    void hostile(TorrentContent content, IntFunction<ConnectionHandler> script) {
        hostile.add(network.host(hosts).address());
        scripted(content, script);
    }

    private Outsider outsider(TorrentContent content, MemoryStore has, Mode mode, boolean isHonest) {
        Outsider outsider = new Outsider(this, nextHost(), content, has, mode, isHonest);
        outsiders.add(outsider);
        return outsider;
    }

    int nextHost() {
        return hosts++;
    }

    void kill(SimulatedHost host) {
        network.kill(host);
        isAnyKilled = true;
    }

    /** The process of {@code host} stands still for a while, as on a suspended machine. */
    void standStill(SimulatedHost host, Duration time) {
        host.freeze();
        network.cut(host);
        after(time, () -> {
            host.thaw();
            network.join(host);
        });
    }

    /** Whether a process was killed, whose buffers nothing releases. */
    boolean isAnyKilled() {
        return isAnyKilled;
    }

    /** Bytes of pooled buffers in use now. */
    static long buffers() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() + PooledByteBufAllocator.DEFAULT.pinnedHeapMemory();
    }

    // ---- What happens

    void after(Duration delay, Runnable task) {
        simulation.after(delay, task);
    }

    /** Runs {@code task} again and again. */
    void every(Duration interval, Runnable task) {
        simulation.after(interval, () -> {
            task.run();
            every(interval, task);
        });
    }

    /** Returns a random time up to {@code most}. */
    Duration random(Duration most) {
        return Duration.ofNanos(simulation.nextNanos(most));
    }

    void pass(Duration time) {
        simulation.run(time, () -> false);
    }

    /** Lets time pass until {@code condition} holds, and fails if it does not within {@code most}. */
    void until(String what, Duration most, BooleanSupplier condition) {
        long end = simulation.now() + most.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(simulation.now())
                    .as("%s within %s: %s", what, most, describe())
                    .isLessThan(end);
            pass(STEP);
        }
    }

    void untilState(Run run, State state, @Nullable Reason reason, Duration most) {
        until(state + " " + reason, most, () -> {
            SliceStatus now = run.status();
            return now.state() == state && now.reason() == reason;
        });
    }

    /** All that {@code run} wants is stored, in the time that its size and the peers' lines allow. */
    void completes(Run run) {
        completes(run, Duration.ZERO);
    }

    /** @param longer what a fault may add */
    void completes(Run run, Duration longer) {
        until("complete", bound(run.content).plus(longer), run::isComplete);
        assertStored(run);
    }

    /** A minute to find peers, and three times what the bytes need on the lines. */
    private Duration bound(TorrentContent content) {
        long rate = outsiders.stream()
                .filter(each -> each.isHonest && each.serves(content))
                .mapToLong(each -> each.host.upRate())
                .sum();
        long downloads = Math.max(
                1,
                runs.stream()
                        .filter(run -> run.content.info.equals(content.info) && !run.isLeaving())
                        .count());
        return Duration.ofSeconds(
                60 + 3 * downloads * content.bytes.length / Math.max(50_000, Math.min(rate, 10_000_000)));
    }

    void assertStored(Run run) {
        for (int segment = 0; segment < run.content.segments(); segment++) {
            if (run.wants(segment)) {
                String key = run.content.keys.segment(new SegmentIndex(segment));
                assertThat(store.objects.get(key)).as(key).isEqualTo(run.content.segment(segment));
            }
        }
    }

    private String describe() {
        StringBuilder text = new StringBuilder("after " + Duration.ofNanos(simulation.now()));
        for (Run run : runs) {
            SliceStatus now = run.status();
            text.append("; %s%s %s %s, %d of %d segments, %s, %d slots free"
                    .formatted(
                            run.worker.name,
                            run.worker.host.isKilled() ? " (dead)" : run.isLeaving() ? " (leaving)" : "",
                            now.state(),
                            now.reason(),
                            now.stored().size(),
                            run.content.segments(),
                            now.totals(),
                            run.worker.slots.free()));
        }
        return text.toString();
    }

    // ---- The end

    /** Ends all runs and peers and holds the invariants. Returns the digest of the run. */
    long finish() {
        store.away = key -> false;
        store.failing = 0;
        store.answersLost = 0;
        for (Run run : runs) {
            if (!run.isLeaving()) {
                var _ = simulation.random.nextBoolean() ? run.handOver() : run.end();
            }
        }
        until("all slices leave", Duration.ofMinutes(3), () -> runs.stream().allMatch(Run::hasLeft));
        List<? extends CompletableFuture<?>> closed = outsiders.stream()
                .filter(each -> !each.host.isKilled())
                .map(Outsider::close)
                .toList();
        until("all peers leave", Duration.ofMinutes(1), () -> closed.stream().allMatch(CompletableFuture::isDone));
        pass(Duration.ofMinutes(2));
        Invariants.hold(this);
        memory.release();
        return simulation.trace();
    }
}
