package io.shoal.swarm.running;

import static io.shoal.swarm.segments.RandomTorrent.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Kind;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.records.Wanted.Priority;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.egress.Cidr;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.store.Store;
import io.shoal.swarm.ownership.Slice;
import io.shoal.swarm.ownership.SliceStatus;
import io.shoal.swarm.ownership.SwarmView;
import io.shoal.swarm.scratch.Scratch;
import io.shoal.swarm.segments.CallsFixture;
import io.shoal.swarm.segments.ExtentCache;
import io.shoal.swarm.segments.FailingStore;
import io.shoal.swarm.segments.RandomTorrent;
import io.shoal.swarm.segments.StoreCalls;
import io.shoal.swarm.segments.WorkerStorage;
import io.shoal.swarm.slots.Loan;
import io.shoal.swarm.slots.Slots;
import io.shoal.swarm.worker.WorkerEngine;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slices with the real engine and a real seed; only the store is a fake, so that it can fail. */
class TorrentSliceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int PIECE = 256 << 10;
    private static final RandomTorrent CONTENT = RandomTorrent.of(PIECE, 33 * MIB + 77, 3 * MIB, 200, MIB + 1);
    private static final SliceKey KEY = new SliceKey.OfTorrent(CONTENT.keys.torrent(), 0);

    @TempDir
    Path folder;

    private final FailingStore objects = new FailingStore();
    private final List<ExternalPeer> outside = new ArrayList<>();
    private TestTracker tracker;
    private Fleetmate worker;

    @BeforeEach
    void begin() throws IOException {
        tracker = new TestTracker();
        worker = new Fleetmate("a");
        objects.objects.put(CONTENT.keys.info(), CONTENT.info.bytes());
    }

    @AfterEach
    void end() throws IOException {
        outside.forEach(ExternalPeer::close);
        worker.close();
        tracker.close();
    }

    @Test
    void theNextOwnerGoesOnWhereTheLastOneStopped() throws Exception {
        seed(8 * MIB);
        Slice first = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(first, seen -> !seen.stored().equals(Bits.NONE));
        first.handOver().get(30, TimeUnit.SECONDS);
        StatusRecord last = statusOf(first);
        assertThat(last.stored().size()).isLessThan(CONTENT.segments().size());
        await().atMost(PATIENCE).until(() -> worker.slots.free() == worker.slots.count());

        try (Fleetmate second = new Fleetmate("b")) {
            Slice next = second.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), last, 2);
            until(next, seen -> seen.state() == State.SEEDING);
            assertStored();
            assertThat(next.status().totals().down() - CONTENT.bytes.length)
                    .as("downloaded again: at most the pieces that were open")
                    .isLessThan(40L * PIECE);
            assertThat(second.calls.counters.puts())
                    .as("what was stored is not stored again")
                    .isLessThan(CONTENT.segments().size() + 1);
            next.end().get(30, TimeUnit.SECONDS);
        }
        List<String> ours = tracker.announces.stream()
                .filter(announce -> announce.startsWith("-SH"))
                .toList();
        assertThat(ours.stream().map(announce -> announce.split(" ", -1)[0]).distinct())
                .as("one name")
                .hasSize(1);
        assertThat(ours).filteredOn(announce -> announce.endsWith("started")).hasSize(1);
        assertThat(ours).filteredOn(announce -> announce.endsWith("stopped")).hasSize(1);
    }

    @Test
    void theNextOwnerAnnouncesAtTheTrackersMinimum() throws Exception {
        tracker.close();
        tracker = TestTracker.patient();
        seed(8 * MIB);
        Slice first = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(first, seen -> !seen.stored().equals(Bits.NONE));
        first.handOver().get(30, TimeUnit.SECONDS);
        StatusRecord last = statusOf(first);
        assertThat(last.stored().size()).isLessThan(CONTENT.segments().size());

        try (Fleetmate second = new Fleetmate("b")) {
            Slice next = second.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), last, 2);
            until(next, seen -> seen.totals().down() > last.totals().down());
            next.want(record(2, Wanted.ALL, Mode.RUN, 1));
            until(next, seen -> seen.check() == 1 && seen.state() == State.SEEDING);
            next.handOver().get(30, TimeUnit.SECONDS);
            StatusRecord seeding = statusOf(next);

            Slice third = worker.slices.start(KEY, record(2, Wanted.ALL, Mode.RUN, 1), seeding, 3);
            until(
                    third,
                    seen -> seen.state() == State.SEEDING && !seen.trackers().isEmpty());
            assertThat(third.status().trackers().getFirst().nextAnnounce())
                    .as("a seed, which looks for no peers, keeps to the plan")
                    .isCloseTo(seeding.trackers().getFirst().nextAnnounce(), within(1_000L));
        }
        assertThat(tracker.announces)
                .filteredOn(announce -> announce.startsWith("-SH") && announce.endsWith("started"))
                .hasSize(1);
    }

    @Test
    void theNextOwnerKnowsTrackersThoughOthersCameBeforeThem() throws Exception {
        seed(8 * MIB);
        Slice first = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(first, seen -> seen.state() == State.SEEDING);
        first.handOver().get(30, TimeUnit.SECONDS);
        StatusRecord last = statusOf(first);

        try (TestTracker other = new TestTracker();
                Fleetmate second = new Fleetmate("b")) {
            SliceRecord more =
                    record(CONTENT, 2, Wanted.ALL, Mode.RUN, 0, List.of(List.of(other.url()), List.of(tracker.url())));
            Slice next = second.slices.start(KEY, more, last, 2);
            await().atMost(PATIENCE).until(() -> other.announces.stream().anyMatch(heard -> heard.endsWith("started")));
            next.end().get(30, TimeUnit.SECONDS);
            assertThat(List.of(other, tracker))
                    .as("each has heard of one session, from its beginning to its end")
                    .allSatisfy(each -> {
                        assertThat(each.announces)
                                .filteredOn(heard -> heard.startsWith("-SH") && heard.endsWith("started"))
                                .hasSize(1);
                        assertThat(each.announces)
                                .filteredOn(heard -> heard.startsWith("-SH") && heard.endsWith("stopped"))
                                .hasSize(1);
                    });
        }
    }

    @Test
    void aDroppedSliceWritesNothingMoreAndAnotherOwnerCompletesIt() throws Exception {
        seed(8 * MIB);
        Slice first = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(first, seen -> !seen.stored().equals(Bits.NONE));
        StatusRecord last = statusOf(first);
        first.drop();
        await().atMost(PATIENCE).until(() -> worker.slots.free() == worker.slots.count());
        assertThat(objects.objects.keySet()).noneMatch(key -> key.contains("/spill/"));
        try (Fleetmate second = new Fleetmate("b")) {
            Slice next = second.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), last, 2);
            until(next, seen -> seen.state() == State.SEEDING);
            assertStored();
            next.handOver().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void onlyWhatIsWantedIsStoredAndTheRestWhenItIsWantedToo() throws Exception {
        seed(0);
        Wanted second = Wanted.of(new Priority[] {Priority.SKIP, Priority.HIGH, Priority.SKIP, Priority.SKIP});
        Slice slice = worker.slices.start(KEY, record(1, second, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.state() == State.SEEDING);
        assertThat(slice.status().stored().size()).isEqualTo(1);
        assertThat(slice.status().totals().down()).isLessThan(10L * MIB);
        slice.want(record(2, Wanted.ALL, Mode.RUN, 0));
        until(slice, seen -> seen.state() == State.SEEDING && seen.rev() == 2);
        assertStored();
    }

    @Test
    void peersStayConnectedWhenMoreIsWanted() throws Exception {
        RandomTorrent content = RandomTorrent.of(PIECE, 9 * MIB + 7, 9 * MIB, 30 * MIB);
        objects.objects.put(content.keys.info(), content.info.bytes());
        seed(content, 4 * MIB);
        Wanted notTheFirst = Wanted.of(new Priority[] {Priority.SKIP, Priority.HIGH, Priority.LOW});
        Slice slice = worker.slices.start(
                new SliceKey.OfTorrent(content.keys.torrent(), 0),
                record(content, 1, notTheFirst, Mode.RUN, 0),
                null,
                1);
        until(slice, seen -> !seen.stored().equals(Bits.NONE));
        long before = sentToItsOnlyPeer(outside.getFirst());
        assertThat(before).as("the second file, as the seed has counted it").isGreaterThan(5 * MIB);

        slice.want(record(content, 2, Wanted.ALL, Mode.RUN, 0));
        long total = slice.status().totals().down();
        until(slice, seen -> seen.rev() == 2 && seen.totals().down() > total + 4 * MIB);
        assertThat(sentToItsOnlyPeer(outside.getFirst()))
                .as("the connection that was there before")
                .isGreaterThanOrEqualTo(before);
    }

    private static long sentToItsOnlyPeer(ExternalPeer seed) {
        var peers = seed.torrent().stats().peers();
        assertThat(peers).hasSize(1);
        return peers.getFirst().uploaded();
    }

    @Test
    void theSwarmIsShownWithItsPeersAndPiecesAndWithoutThoseOfTheFleet() throws Exception {
        seed(4 * MIB);
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        try (Fleetmate second = new Fleetmate("b")) {
            Slice sibling = second.slices.start(
                    new SliceKey.OfTorrent(CONTENT.keys.torrent(), 1), record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
            until(slice, seen -> !seen.stored().equals(Bits.NONE));
            await().atMost(PATIENCE).until(() -> inspected(slice).connected() == 1);

            SwarmView swarm = inspected(slice);
            assertThat(swarm.peers()).singleElement().satisfies(peer -> {
                assertThat(peer.address()).isEqualTo("127.0.0.1");
                if (peer.source() == SwarmReport.PeerSource.TRACKER) {
                    assertThat(peer.trackers()).containsExactly(StatusRecord.Tracker.id(tracker.url()));
                } else {
                    assertThat(peer.flags()).as("the seed may dial first").contains(SwarmReport.PeerFlag.INCOMING);
                    assertThat(peer.trackers()).isEmpty();
                }
                assertThat(peer.done()).isEqualTo(1_000);
                assertThat(peer.down()).isPositive();
                assertThat(peer.flags()).contains(SwarmReport.PeerFlag.INTERESTING);
            });
            SwarmReport.Pieces pieces = Objects.requireNonNull(swarm.pieces());
            assertThat(pieces.count()).isEqualTo(CONTENT.geometry.pieces().count());
            assertThat(pieces.stored()).hasSizeLessThanOrEqualTo(SwarmReport.BUCKETS_MAX);
            assertThat(sum(pieces.stored())).isPositive();
            assertThat(pieces.availability()).containsOnly(1);
            sibling.drop();
        }
        until(slice, seen -> seen.state() == State.SEEDING);
        SwarmReport.Pieces complete = Objects.requireNonNull(inspected(slice).pieces());
        assertThat(sum(complete.stored())).isEqualTo(complete.count());
        slice.want(record(2, Wanted.ALL, Mode.STOP, 0));
        await().atMost(PATIENCE).until(() -> inspected(slice).connected() == 0);
        slice.drop();
    }

    private static int sum(List<Integer> counts) {
        return counts.stream().mapToInt(Integer::intValue).sum();
    }

    private static SwarmView inspected(Slice slice) throws Exception {
        return slice.inspect().get(30, TimeUnit.SECONDS);
    }

    @Test
    void whileTheStoreIsUnavailableItWaitsReportsItAndDownloadsNothingTwice() throws Exception {
        objects.away = key -> true;
        seed(0);
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.state() == State.STARTING && seen.reason() == Reason.STORAGE_WAIT);
        objects.away = key -> key.contains("/s/");
        until(slice, seen -> seen.state() == State.DOWNLOADING && seen.reason() == Reason.STORAGE_WAIT);
        until(slice, seen -> seen.totals().down() >= CONTENT.bytes.length);
        assertThat(slice.status().stored().size()).isZero();
        objects.away = key -> false;
        until(slice, seen -> seen.state() == State.SEEDING && seen.reason() == null);
        assertStored();
        assertThat(slice.status().totals().wasted()).isLessThan(40L * PIECE);
        assertThat(worker.slices.traffic().hashFailures()).isZero();
    }

    @Test
    void aCompleteSliceIsTrustedUntilACheckIsRequested() throws Exception {
        objects.objects.putAll(CONTENT.segments());
        seed(0);
        Slice first = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(first, seen -> seen.state() == State.SEEDING);
        assertThat(objects.lists).hasValue(1);
        first.handOver().get(30, TimeUnit.SECONDS);

        Slice second = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), statusOf(first), 2);
        until(second, seen -> seen.state() == State.SEEDING);
        assertThat(objects.lists).as("believed").hasValue(1);

        objects.objects.remove(CONTENT.segment(1).getKey());
        second.want(record(2, Wanted.ALL, Mode.RUN, 1));
        until(second, seen -> seen.check() == 1 && seen.state() == State.SEEDING);
        assertThat(objects.lists).hasValue(2);
        assertStored();
    }

    @Test
    void aCheckThatFindsEverythingInItsPlaceIsNoticedByNoReader() throws Exception {
        objects.objects.putAll(CONTENT.segments());
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.state() == State.SEEDING);
        Bits all = slice.status().stored();
        objects.away = key -> key.equals(CONTENT.keys.prefix()); // the list
        slice.want(record(2, Wanted.ALL, Mode.RUN, 1));
        until(slice, seen -> seen.rev() == 2 && seen.reason() == Reason.STORAGE_WAIT);
        assertThat(slice.status().stored())
                .as("as the check before has found it")
                .isEqualTo(all);
        assertThat(slice.status().check()).isZero();
        objects.away = key -> false;
        until(slice, seen -> seen.check() == 1);
        assertThat(slice.status().stored()).isEqualTo(all);
        until(slice, seen -> seen.state() == State.SEEDING);
    }

    @Test
    void aStoppedSliceAnswersACheckWithoutJoiningTheSwarm() throws Exception {
        objects.objects.putAll(CONTENT.segments());
        Slice first = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(first, seen -> seen.state() == State.SEEDING);
        first.handOver().get(30, TimeUnit.SECONDS);
        StatusRecord last = statusOf(first);
        objects.objects.remove(CONTENT.segment(1).getKey());
        tracker.announces.clear();

        Slice stopped = worker.slices.start(KEY, record(2, Wanted.ALL, Mode.STOP, 1), last, 2);
        until(stopped, seen -> seen.check() == 1);
        assertThat(stopped.status().state()).isEqualTo(State.STOPPED);
        assertThat(stopped.status().stored().size()).isEqualTo(last.stored().size() - 1);
        assertThat(inspected(stopped)).as("it is not kept loaded").isEqualTo(SwarmView.NONE);
        objects.objects.remove(CONTENT.segment(2).getKey());
        stopped.want(record(3, Wanted.ALL, Mode.STOP, 2));
        until(stopped, seen -> seen.check() == 2);
        assertThat(stopped.status().stored().size()).isEqualTo(last.stored().size() - 2);
        assertThat(inspected(stopped)).as("nor after the next check").isEqualTo(SwarmView.NONE);
        assertThat(tracker.announces).noneMatch(announce -> announce.endsWith("started"));
        stopped.want(record(4, Wanted.ALL, Mode.RUN, 2));
        until(stopped, seen -> seen.state() == State.DOWNLOADING);
        assertThat(stopped.status().stored().size()).isEqualTo(last.stored().size() - 2);
        stopped.end().get(30, TimeUnit.SECONDS);
    }

    @Test
    void anAnnounceThatIsAskedForIsSentAtTheTrackersMinimumAndNotAgainByTheNextOwner() throws Exception {
        tracker.close();
        tracker = TestTracker.patient();
        objects.objects.putAll(CONTENT.segments());
        Slice first = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(
                first,
                seen -> seen.state() == State.SEEDING
                        && seen.trackers().stream().anyMatch(Tracker::started));
        int before = tracker.announces.size();
        long firstAt = lastAnnounce(first.status());
        SliceRecord asked = asking(record(2, Wanted.ALL, Mode.RUN, 0), 1);
        first.want(asked);
        await().atMost(PATIENCE).until(() -> tracker.announces.size() == before + 1);
        first.want(asking(record(3, Wanted.ALL, Mode.RUN, 0), 1)); // another change
        until(first, seen -> seen.rev() == 3);
        until(first, seen -> lastAnnounce(seen) > firstAt && isPlannedForLater(seen));
        long secondAt = lastAnnounce(first.status());
        first.handOver().get(30, TimeUnit.SECONDS);

        Slice next = worker.slices.start(KEY, asking(record(3, Wanted.ALL, Mode.RUN, 0), 1), statusOf(first), 2);
        until(next, seen -> seen.state() == State.SEEDING && !seen.trackers().isEmpty());
        assertThat(isPlannedForLater(next.status())).isTrue();
        assertThat(lastAnnounce(next.status())).as("of the owner before").isEqualTo(secondAt);
        assertThat(next.status().trackers().getFirst().code()).isEqualTo("ok");
        assertThat(tracker.announces).hasSize(before + 1);
        next.want(asking(record(4, Wanted.ALL, Mode.RUN, 0), 2));
        await().atMost(PATIENCE).until(() -> tracker.announces.size() == before + 2);
        next.handOver().get(30, TimeUnit.SECONDS);
    }

    /** Returns when the only tracker was last announced to; 0 if it was not. */
    private static long lastAnnounce(SliceStatus status) {
        Tracker.Figures figures = status.trackers().getFirst().figures();
        Long last = figures == null ? null : figures.lastAnnounce();
        return last == null ? 0 : last;
    }

    /** Whether the only tracker has answered its last announce: it wants the next one in half an hour. */
    private static boolean isPlannedForLater(SliceStatus status) {
        return status.trackers().getFirst().nextAnnounce() > System.currentTimeMillis() + 1_000_000;
    }

    private static SliceRecord asking(SliceRecord record, int announces) {
        return new SliceRecord(
                record.v(),
                record.gen(),
                record.rev(),
                record.kind(),
                record.infoKey(),
                record.magnet(),
                record.infoHash(),
                record.isPrivate(),
                record.firstSegment(),
                record.lastSegment(),
                record.wanted(),
                record.mode(),
                record.trackers(),
                record.webSeeds(),
                record.check(),
                record.peers(),
                record.owner(),
                record.limits(),
                announces);
    }

    /** Nothing is wanted, so the empty set of an owner that ended before it had listed the store would do. */
    @Test
    void anOwnerThatFollowsOneWhichHadNotListedTheStoreListsIt() {
        objects.objects.putAll(CONTENT.segments());
        Priority[] none = new Priority[CONTENT.info.files().size()];
        Arrays.fill(none, Priority.SKIP);
        SliceRecord nothing = record(1, Wanted.of(none), Mode.RUN, 0);
        for (State state : List.of(State.STARTING, State.STOPPED)) {
            StatusRecord unlisted = new StatusRecord(
                    1,
                    nothing.gen(),
                    1,
                    1,
                    "gone",
                    state,
                    null,
                    Bits.NONE,
                    0,
                    StatusRecord.Totals.ZERO,
                    List.of(),
                    null);
            Slice next = worker.slices.start(KEY, nothing, unlisted, 2);
            until(next, seen -> seen.state() == State.SEEDING);
            assertThat(next.status().stored().size())
                    .isEqualTo(CONTENT.segments().size());
            next.drop();
        }
    }

    @Test
    void aSliceDroppedDuringACheckWritesNothingMore() throws Exception {
        seed(8 * MIB);
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.totals().down() > 4 * MIB);
        objects.away = key -> key.contains("/spill/") || key.contains("/s/");
        slice.want(record(2, Wanted.ALL, Mode.RUN, 1));
        slice.want(record(3, Wanted.ALL, Mode.RUN, 2));
        until(slice, seen -> seen.rev() == 3);
        slice.drop();
        await().atMost(PATIENCE).until(() -> worker.slots.free() == worker.slots.count());
        assertThat(objects.lists).as("the next stay has not begun").hasValue(1);
    }

    @Test
    void aStoppedSliceIsNotLoaded() {
        objects.objects.clear();
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.STOP, 0), null, 1);
        until(slice, seen -> seen.state() == State.STOPPED);
        assertThat(slice.status().reason()).isNull();
        assertThat(tracker.announces).isEmpty();
    }

    @Test
    void aPausedOneLeavesTheSwarmKeepsWhatItHasAndGoesOnLater() throws Exception {
        seed(8 * MIB);
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.totals().down() > 4 * MIB);
        slice.want(record(2, Wanted.ALL, Mode.STOP, 0));
        until(
                slice,
                seen -> seen.state() == State.STOPPED && slice.figures().peers().connected() == 0);
        await().atMost(PATIENCE).until(() -> worker.slots.free() == worker.slots.count());
        slice.want(record(3, Wanted.ALL, Mode.RUN, 0));
        until(slice, seen -> seen.state() == State.SEEDING);
        assertStored();
        assertThat(slice.status().totals().down() - CONTENT.bytes.length).isLessThan(40L * PIECE);
    }

    @Test
    void aSliceThatWaitsForASlotReportsIt() throws Exception {
        Slots.Share other = worker.slots.share("another", new Slots.Borrower() {
            @Override
            public void offered() {}

            @Override
            public void drain() {}
        });
        List<Loan> all = Objects.requireNonNull(other.acquire(worker.slots.count(), true));
        seed(0);
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.state() == State.DOWNLOADING && seen.reason() == Reason.QUEUED);
        all.forEach(Loan::release);
        until(slice, seen -> seen.state() == State.SEEDING);
        assertStored();
    }

    @Test
    void aFaultOfOursRestartsTheSlice() throws Exception {
        seed(0);
        AtomicInteger faults = new AtomicInteger(1);
        worker.beforeVerified = () -> failWhile(faults);
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.state() == State.SEEDING);
        assertStored();
        assertThat(slice.status().reason()).isNull();
        assertThat(worker.slices.traffic().failures()).isEqualTo(1);
        slice.end().get(30, TimeUnit.SECONDS);
    }

    @Test
    void aFaultThatComesAgainEndsTheSliceWithAReason() throws Exception {
        seed(0);
        AtomicInteger faults = new AtomicInteger(2);
        worker.beforeVerified = () -> failWhile(faults);
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.state() == State.FAILED && seen.reason() == Reason.INTERNAL);
        await().atMost(PATIENCE).until(() -> worker.slots.free() == worker.slots.count());
        assertThat(worker.slices.traffic().failures()).isEqualTo(2);
        slice.end().get(30, TimeUnit.SECONDS);
    }

    @Test
    void aTorrentThatCannotBeStartedIsNoticedAndCanBeClosed() throws Exception {
        AtomicInteger faults = new AtomicInteger(Integer.MAX_VALUE);
        worker.beforeAttach = () -> failWhile(faults);
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.state() == State.FAILED && seen.reason() == Reason.INTERNAL);
        slice.handOver().get(30, TimeUnit.SECONDS);
    }

    private static void failWhile(AtomicInteger faults) {
        if (faults.getAndDecrement() > 0) {
            throw new AssertionError("a mistake");
        }
    }

    @Test
    void metadataOfAnotherTorrentIsRefused() {
        objects.objects.put(CONTENT.keys.info(), RandomTorrent.of(PIECE, 5).info.bytes());
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.reason() == Reason.DAMAGED);
        assertThat(tracker.announces).isEmpty();
    }

    @Test
    void withoutPeersItReportsIt() {
        Slice slice = worker.slices.start(KEY, record(1, Wanted.ALL, Mode.RUN, 0), null, 1);
        until(slice, seen -> seen.state() == State.DOWNLOADING && seen.reason() == Reason.NO_PEERS);
    }

    @Test
    void peersThatAMagnetNamesAreEnough() throws Exception {
        seed(0);
        SliceRecord named = new SliceRecord(
                1,
                CONTENT.keys.generation(),
                1,
                Kind.SLICE,
                CONTENT.keys.info(),
                null,
                CONTENT.info.hash().hex(),
                false,
                0,
                CONTENT.geometry.segments().size() - 1,
                Wanted.ALL,
                Mode.RUN,
                List.of(),
                List.of(),
                0,
                List.of("nobody:1", outside.getFirst().address()),
                null,
                null,
                null);
        Slice slice = worker.slices.start(KEY, named, null, 1);
        until(slice, seen -> seen.state() == State.SEEDING);
        assertStored();
    }

    private void seed(long upLimit) throws IOException {
        seed(CONTENT, upLimit);
    }

    private void seed(RandomTorrent content, long upLimit) throws IOException {
        Path files = folder.resolve("seed");
        for (int i = 0; i < content.info.files().size(); i++) {
            Path file = files.resolve(content.info.name()).resolve("file-%04d".formatted(i));
            Files.createDirectories(file.getParent());
            Files.write(file, content.file(i));
        }
        outside.add(new ExternalPeer("seed", content.info, files, tracker.url(), upLimit));
    }

    private SliceRecord record(long rev, Wanted wanted, Mode mode, int check) {
        return record(CONTENT, rev, wanted, mode, check, List.of(List.of(tracker.url())));
    }

    private SliceRecord record(RandomTorrent content, long rev, Wanted wanted, Mode mode, int check) {
        return record(content, rev, wanted, mode, check, List.of(List.of(tracker.url())));
    }

    private static SliceRecord record(
            RandomTorrent content, long rev, Wanted wanted, Mode mode, int check, List<List<String>> trackers) {
        return new SliceRecord(
                1,
                content.keys.generation(),
                rev,
                Kind.SLICE,
                content.keys.info(),
                null,
                content.info.hash().hex(),
                false,
                0,
                content.geometry.segments().size() - 1,
                wanted,
                mode,
                trackers,
                List.of(),
                check,
                List.of(),
                null,
                null,
                null);
    }

    private static StatusRecord statusOf(Slice slice) {
        return slice.status().toRecord("a", 1);
    }

    private static void until(Slice slice, Predicate<SliceStatus> condition) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(slice::status, condition);
    }

    private void assertStored() {
        for (Map.Entry<String, byte[]> segment : CONTENT.segments().entrySet()) {
            byte @Nullable [] object = objects.objects.get(segment.getKey());
            assertThat(object != null && Arrays.equals(object, segment.getValue()))
                    .as(segment.getKey())
                    .isTrue();
        }
    }

    /** Returns {@code target} with {@code before} in front of calls of one method. */
    private static <T> T wrap(Class<T> type, T target, String method, Runnable before) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, call, given) -> {
            if (call.getName().equals(method)) {
                before.run();
            }
            try {
                return call.invoke(target, given);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }

    /** A worker without Kafka. */
    private final class Fleetmate implements AutoCloseable {
        final Slots slots;
        final WorkerSliceFactory slices;
        private final Scratch scratch;
        private final ExtentCache extents;
        private final ExecutorService disk = Executors.newSingleThreadExecutor();
        private final CallsFixture calls;
        private final WorkerEngine swarms;
        volatile Runnable beforeVerified = () -> {};
        volatile Runnable beforeAttach = () -> {};

        Fleetmate(String name) throws IOException {
            scratch = Scratch.open(folder.resolve("scratch-" + name), (long) Scratch.SLOTS_MIN * Scratch.SLOT_BYTES);
            slots = new Slots(scratch.slots(), System::nanoTime);
            calls = new CallsFixture(objects, new StoreCalls.Backoff(Duration.ofMillis(10), Duration.ofMillis(200)));
            extents = new ExtentCache(16 * MIB, calls.calls);
            swarms = new WorkerEngine(
                    List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                    null,
                    new PeerIds("the fleet's"),
                    Cidr.list("127.0.0.0/8"),
                    EncryptionPolicy.ALLOWED,
                    0,
                    0);
            slices = new WorkerSliceFactory(
                    new FaultyEngine(),
                    new WorkerStorage(scratch, slots, calls.calls, extents, disk, System::nanoTime, UUID::randomUUID),
                    new PeerIds("the fleet's"),
                    calls.loop,
                    InstantSource.system());
        }

        /** The engine, whose listeners and stores can fail. */
        private final class FaultyEngine implements TorrentEngine {
            @Override
            public TorrentHandle join(TorrentSpec spec, Store store, TorrentListener listener) {
                return swarms.join(
                        spec,
                        wrap(Store.class, store, "attach", () -> beforeAttach.run()),
                        wrap(TorrentListener.class, listener, "verified", () -> beforeVerified.run()));
            }

            @Override
            public ResolveHandle resolve(ResolveSpec spec, Consumer<byte[]> found) {
                return swarms.resolve(spec, found);
            }
        }

        @Override
        public void close() throws IOException {
            swarms.close();
            calls.close();
            disk.shutdown();
            extents.close();
            scratch.close();
        }
    }
}
