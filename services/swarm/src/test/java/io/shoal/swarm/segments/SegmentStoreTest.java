package io.shoal.swarm.segments;

import static io.shoal.swarm.segments.RandomTorrent.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.records.Wanted.Priority;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentStoreTest {
    /** A large file that ends in the middle of a piece, and two small ones: segments 0, 1 and a pack. */
    private static final RandomTorrent CONTENT = RandomTorrent.of(MIB, 17 * MIB + 300, MIB + 5, 2 * MIB + 7);

    private static final int PIECES = CONTENT.geometry.pieces().count();
    private static final int PACK = 2;

    private final FailingStore objects = new FailingStore();

    @TempDir
    Path folder;

    private SegmentStoreFixture bench;

    @BeforeEach
    void begin() throws IOException {
        bench = new SegmentStoreFixture(folder, objects, 24);
    }

    @AfterEach
    void end() throws IOException {
        bench.close();
    }

    @Test
    void aSegmentIsStoredWhenItIsFullAndNotBefore() throws Exception {
        var torrent = bench.open(CONTENT, Wanted.ALL);
        for (int piece = 0; piece < 15; piece++) {
            torrent.download(piece);
        }
        assertThat(objects.objects).isEmpty();
        torrent.download(15);
        await().until(() -> torrent.stored.contains(0));
        assertThat(objects.objects).containsOnly(CONTENT.segment(0));
    }

    @Test
    void bytesThatAreLeftAreCountedPieceByPiece() throws Exception {
        Wanted large = Wanted.of(new Priority[] {Priority.HIGH, Priority.SKIP, Priority.SKIP});
        var torrent = bench.open(CONTENT, large);
        assertThat(torrent.store.left()).isEqualTo(17 * MIB + 300);
        torrent.download(3);
        assertThat(torrent.store.left()).isEqualTo(16 * MIB + 300);
        torrent.download(17);
        assertThat(torrent.store.left()).as("300 bytes are wanted of it").isEqualTo(16 * MIB);
        torrent.store.spillAll();
        await().until(() -> bench.slots.free() == bench.slots.count());
        assertThat(torrent.store.left()).isEqualTo(16 * MIB);
        torrent.store.want(torrent.wish(Wanted.ALL)).join();
        assertThat(torrent.store.left()).isEqualTo(CONTENT.bytes.length - MIB - 300);
        torrent.handOver();
        objects.objects.clear();

        var next = bench.open(CONTENT, Wanted.ALL);
        assertThat(next.store.left()).isEqualTo(CONTENT.bytes.length);
        downloadAll(next);
        assertThat(next.store.left()).isZero();
        assertStored(CONTENT.segments());
        assertThat(next.store.left()).isZero();
    }

    @Test
    void everyBytesOfATorrentAreInItsSegmentsAndEverySlotIsFreeAgain() throws Exception {
        var torrent = bench.open(CONTENT, Wanted.ALL);
        downloadAll(torrent);
        assertStored(CONTENT.segments());
        await().until(() -> bench.slots.free() == bench.slots.count());
        assertThat(torrent.wanted()).isEmpty();
    }

    @Test
    void aPieceThatIsDiscardedIsNotStored() throws Exception {
        var torrent = bench.open(CONTENT, Wanted.ALL);
        assertThat(torrent.open(3)).isTrue();
        torrent.write(3, new byte[MIB]);
        bench.onLoop(() -> {
            torrent.store.discard(3);
            return true;
        });
        downloadAll(torrent);
        assertStored(CONTENT.segments());
    }

    @Test
    void anOpenPieceIsReadBackWhole() throws Exception {
        var torrent = bench.open(CONTENT, Wanted.ALL);
        int across = 17;
        assertThat(torrent.open(across)).isTrue();
        torrent.write(across, CONTENT.piece(across));
        ByteBuffer back = ByteBuffer.allocate(MIB);
        torrent.store.readBack(across, 0, back);
        assertThat(back.array()).isEqualTo(CONTENT.piece(across));
    }

    @Test
    void failedStoreCallsAreRepeatedAndNothingIsDownloadedTwice() throws Exception {
        objects.away = key -> true;
        var torrent = openBlind();
        downloadAll(torrent);
        await().until(torrent.store::isDelayed);
        assertThat(torrent.wanted()).isEmpty();
        assertThat(torrent.read(4, 100, 5000).get(10, TimeUnit.SECONDS))
                .isEqualTo(Arrays.copyOfRange(CONTENT.piece(4), 100, 5100));
        objects.away = key -> false;
        assertStored(CONTENT.segments());
        await().until(() -> !torrent.store.isDelayed());
        assertThat(torrent.lostPieces().isEmpty()).isTrue();
    }

    @Test
    void aPieceThatReachesIntoAnUnwantedFileIsKeptInPart() throws Exception {
        Wanted large = Wanted.of(new Priority[] {Priority.HIGH, Priority.SKIP, Priority.SKIP});
        var torrent = bench.open(CONTENT, large);
        assertThat(torrent.wanted()).hasSize(18);
        int across = 17;
        torrent.open(across);
        torrent.write(across, CONTENT.piece(across));
        assertThat(torrent.verified(across)).isFalse();
        assertThat(torrent.held().get(across)).isFalse();
        assertThat(torrent.wanted()).doesNotContain(across);
        for (int piece = 0; piece < across; piece++) {
            torrent.download(piece);
        }
        assertStored(Map.ofEntries(CONTENT.segment(0), CONTENT.segment(1)));
        await().until(() -> bench.slots.free() == bench.slots.count());
    }

    @Test
    void aSegmentWantedLaterIsDownloadedWithThePieceThatWasKeptInPart() throws Exception {
        Wanted large = Wanted.of(new Priority[] {Priority.HIGH, Priority.SKIP, Priority.SKIP});
        var torrent = bench.open(CONTENT, large);
        for (int piece = 0; piece <= 17; piece++) {
            torrent.download(piece);
        }
        await().until(() -> torrent.stored.size() == 2);
        torrent.store.want(torrent.wish(Wanted.ALL)).join();
        assertThat(torrent.lostPieces().stream().boxed()).containsExactly(17);
        assertThat(torrent.wanted()).startsWith(17).hasSize(PIECES - 17);
        for (int piece : torrent.wanted()) {
            torrent.download(piece);
        }
        assertStored(CONTENT.segments());
        assertThat(torrent.held().cardinality()).isEqualTo(PIECES);
    }

    @Test
    void aLiarCannotOverwriteWhatIsVerifiedWhenAPieceIsDownloadedAgain() throws Exception {
        Wanted large = Wanted.of(new Priority[] {Priority.HIGH, Priority.SKIP, Priority.SKIP});
        var torrent = bench.open(CONTENT, large);
        int across = 17;
        torrent.download(across);
        torrent.store.want(torrent.wish(Wanted.ALL)).join();
        assertThat(torrent.open(across)).isTrue();
        torrent.write(across, new byte[MIB]);
        for (int piece = 0; piece < across; piece++) {
            torrent.download(piece);
        }
        await().until(() -> torrent.stored.size() == 2);
        assertThat(objects.objects).contains(CONTENT.segment(1));
    }

    @Test
    void thePieceMapShowsWhereEachPieceIs() throws Exception {
        var first = bench.open(CONTENT, Wanted.ALL);
        assertThat(first.store.pieceMap(512).join())
                .isEqualTo(new PieceMap(PIECES, zeros(PIECES), zeros(PIECES), zeros(PIECES)));
        first.download(1);
        first.open(7);
        PieceMap open = first.store.pieceMap(512).join();
        assertThat(open.open()).isEqualTo(ones(PIECES, 1, 7));
        assertThat(open.stored()).isEqualTo(zeros(PIECES));
        assertThat(first.store.pieceMap(2).join().open()).containsExactly(2, 0);
        first.handOver();

        var second = bench.open(CONTENT, Wanted.ALL);
        PieceMap spilled = second.store.pieceMap(512).join();
        assertThat(spilled.spilled()).isEqualTo(ones(PIECES, 1));
        assertThat(spilled.open()).isEqualTo(zeros(PIECES));
        for (int piece : second.wanted()) {
            second.download(piece);
        }
        await().until(() -> second.store.pieceMap(1).join().stored().getFirst() == PIECES);
        PieceMap stored = second.store.pieceMap(3).join();
        assertThat(stored.spilled()).isEqualTo(zeros(3));
        assertThat(stored.open()).isEqualTo(zeros(3));
        assertThat(stored.stored()).hasSize(3);
        assertThat(stored.stored().stream().mapToInt(Integer::intValue).sum()).isEqualTo(PIECES);
    }

    private static List<Integer> zeros(int buckets) {
        return Collections.nCopies(buckets, 0);
    }

    private static List<Integer> ones(int buckets, Integer... at) {
        return IntStream.range(0, buckets)
                .mapToObj(bucket -> List.of(at).contains(bucket) ? 1 : 0)
                .toList();
    }

    @Test
    void openSegmentsAreSpilledAndTheNextOwnerContinues() throws Exception {
        var first = bench.open(CONTENT, Wanted.ALL);
        for (int piece : new int[] {1, 5, 17, 20}) {
            first.download(piece);
        }
        first.open(7);
        first.handOver();
        await().until(() -> bench.slots.free() == bench.slots.count());
        assertThat(objects.objects.keySet()).allMatch(key -> key.startsWith(CONTENT.keys.spillsPrefix()));

        var second = bench.open(CONTENT, Wanted.ALL);
        assertThat(second.held().stream().boxed()).containsExactly(1, 5, 17, 20);
        assertThat(second.wanted()).hasSize(PIECES - 4);
        assertThat(second.read(17, 200, 1000).get(10, TimeUnit.SECONDS))
                .isEqualTo(Arrays.copyOfRange(CONTENT.piece(17), 200, 1200));
        for (int piece : second.wanted()) {
            second.download(piece);
        }
        assertStored(CONTENT.segments());
        await("spills go")
                .until(() -> objects.objects.size() == CONTENT.segments().size());
    }

    @Test
    void aSegmentWithCompleteSpillsIsStoredWithoutAnyDownload() throws Exception {
        var first = bench.open(CONTENT, Wanted.ALL);
        for (int piece = 17; piece < PIECES - 1; piece++) {
            first.download(piece);
        }
        first.handOver();
        var second = bench.open(CONTENT, Wanted.ALL);
        second.download(PIECES - 1);
        second.handOver();
        assertThat(objects.objects).containsKey(CONTENT.segment(PACK).getKey());

        // The same, but the owner dies between the two.
        objects.objects.remove(CONTENT.segment(PACK).getKey());
        objects.objects.put(
                CONTENT.keys.spill(new SegmentIndex(PACK), UUID.randomUUID()),
                spillOf(PACK, CONTENT.segment(PACK).getValue()));
        var third = bench.open(CONTENT, Wanted.ALL);
        await().until(() -> third.stored.contains(PACK));
        assertThat(objects.objects).contains(CONTENT.segment(PACK));
    }

    @Test
    void aSegmentWithCompleteSpillsIsStoredWhenItBecomesWanted() throws Exception {
        Wanted large = Wanted.of(new Priority[] {Priority.HIGH, Priority.SKIP, Priority.SKIP});
        objects.objects.put(
                CONTENT.keys.spill(new SegmentIndex(PACK), UUID.randomUUID()),
                spillOf(PACK, CONTENT.segment(PACK).getValue()));
        var torrent = bench.open(CONTENT, large);
        assertThat(torrent.wanted()).hasSize(18);
        assertThat(bench.slots.free()).as("it is not wanted").isEqualTo(bench.slots.count());

        torrent.store.want(torrent.wish(Wanted.ALL)).join();
        await().until(() -> torrent.stored.contains(PACK));
        await().untilAsserted(() -> assertThat(objects.objects).containsOnly(CONTENT.segment(PACK)));
        assertThat(torrent.wanted()).as("nothing of it is downloaded").hasSize(18);
    }

    private static byte[] spillOf(int segment, byte[] bytes) {
        var range = CONTENT.geometry.piecesOf(new SegmentIndex(segment));
        var pieces = new BitSet();
        pieces.set(range.from(), range.to());
        Spill spill = new Spill(segment, pieces);
        ByteBuffer object = ByteBuffer.allocate(spill.bytes(CONTENT.geometry));
        return object.put(spill.header(CONTENT.geometry)).put(bytes).array();
    }

    @Test
    void piecesOfALostSpillAreDownloadedAgain() throws Exception {
        var first = bench.open(CONTENT, Wanted.ALL);
        first.download(2);
        first.download(3);
        first.handOver();
        var second = bench.open(CONTENT, Wanted.ALL);
        objects.objects.clear();
        for (int piece = 0; piece < 16; piece++) {
            if (piece != 2 && piece != 3) {
                second.download(piece); // with the last one the spill is loaded
            }
        }
        await().until(() -> second.lostPieces().cardinality() == 2);
        assertThat(second.wanted()).contains(2, 3).doesNotContain(4);
        for (int piece : second.wanted()) {
            second.download(piece);
        }
        assertStored(CONTENT.segments());
    }

    @Test
    void storedBytesAreReadFromTheSegmentThenTheFileThenCountAsLost() throws Exception {
        var torrent = bench.open(CONTENT, Wanted.ALL);
        downloadAll(torrent);
        assertStored(CONTENT.segments());
        await().until(() -> bench.slots.free() == bench.slots.count());
        assertThat(torrent.read(0, 0, 16 << 10).get(10, TimeUnit.SECONDS))
                .isEqualTo(Arrays.copyOf(CONTENT.bytes, 16 << 10));
        assertThat(torrent.read(0, 16 << 10, 16 << 10)).succeedsWithin(Duration.ofSeconds(10));
        assertThat(objects.reads).as("one extent for many blocks").hasValue(1);

        objects.objects.remove(CONTENT.segment(0).getKey());
        objects.objects.remove(CONTENT.segment(1).getKey());
        objects.objects.put(CONTENT.keys.file(new FileIndex(0)), CONTENT.file(0));
        assertThat(torrent.read(16, 5, 100).get(10, TimeUnit.SECONDS))
                .isEqualTo(Arrays.copyOfRange(CONTENT.piece(16), 5, 105));

        objects.objects.remove(CONTENT.keys.file(new FileIndex(0)));
        assertThatThrownBy(() -> torrent.read(12, 0, 100).get(10, TimeUnit.SECONDS));
        assertThat(torrent.lostPieces().stream().boxed()).contains(0, 12, 15).doesNotContain(16);
        assertThat(torrent.wanted()).contains(0, 12, 15);
    }

    @Test
    void anAssembledFileCountsAsStored() throws Exception {
        objects.objects.put(CONTENT.keys.file(new FileIndex(0)), CONTENT.file(0));
        var torrent = bench.open(CONTENT, Wanted.ALL);
        assertThat(torrent.held().cardinality()).isEqualTo(17);
        assertThat(torrent.wanted()).startsWith(17);
    }

    @Test
    void idleSegmentsAreSpilledWhenSlotsAreScarceAndReadFromThere() throws Exception {
        SegmentStoreFixture small = new SegmentStoreFixture(folder.resolve("small"), objects, 3);
        var torrent = small.open(CONTENT, Wanted.ALL);
        assertThat(torrent.download(0)).isTrue();
        assertThat(torrent.download(16)).isTrue();
        assertThat(torrent.open(20)).as("the last tenth is kept back").isFalse();
        assertThat(torrent.download(17))
                .as("but not from those who finish what is begun")
                .isTrue();
        for (int second = 0; second < 60; second += 10) {
            small.nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
            small.slots.review();
            torrent.store.tick();
        }
        assertThat(torrent.store.currentWish()).succeedsWithin(Duration.ofSeconds(5));
        assertThat(objects.objects.keySet()).noneMatch(key -> key.contains("/spill/"));
        small.nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
        small.slots.review();
        torrent.store.tick();
        await("one that is free, and the reserve").until(() -> small.slots.free() == 2);
        assertThat(torrent.held().stream().boxed()).containsExactly(0, 16, 17);
        for (int piece : new int[] {0, 16, 17}) {
            assertThat(torrent.read(piece, 0, 1000).get(10, TimeUnit.SECONDS))
                    .isEqualTo(Arrays.copyOf(CONTENT.piece(piece), 1000));
        }
        assertThat(torrent.open(20)).isTrue();
        small.close();
    }

    @Test
    void aSlotThatIsAskedBackIsReleasedAtTheEndOfAPiece() throws Exception {
        SegmentStoreFixture small = new SegmentStoreFixture(folder.resolve("small"), objects, 2);
        var torrent = small.open(CONTENT, Wanted.ALL);
        var waiting = small.open(CONTENT, Wanted.ALL);
        assertThat(torrent.download(0)).isTrue();
        assertThat(torrent.open(1)).isTrue();
        assertThat(waiting.open(0)).isFalse();
        passATurn(small, torrent, 1);
        assertThat(torrent.open(2)).as("no new piece begins").isFalse();
        assertThat(small.onLoop(() -> torrent.store.hasRoom(2))).isFalse();
        assertThat(small.slots.free()).isEqualTo(1);
        assertThat(torrent.delaying).as("its open piece grows").isEmpty();

        torrent.write(1, CONTENT.piece(1));
        torrent.verified(1);
        await().until(() -> small.slots.free() == 2);
        assertThat(torrent.held().stream().boxed()).containsExactly(0, 1);
        assertThat(torrent.wanted()).doesNotContain(0, 1);
        assertThat(torrent.read(1, 10, 1000).get(10, TimeUnit.SECONDS))
                .isEqualTo(Arrays.copyOfRange(CONTENT.piece(1), 10, 1010));
        small.close();
    }

    @Test
    void aPieceWhosePeerStallsDoesNotDelayASlotThatIsAskedBack() throws Exception {
        SegmentStoreFixture small = new SegmentStoreFixture(folder.resolve("small"), objects, 2);
        var torrent = small.open(CONTENT, Wanted.ALL);
        var waiting = small.open(CONTENT, Wanted.ALL);
        assertThat(torrent.download(0)).isTrue();
        assertThat(torrent.open(1)).isTrue();
        assertThat(waiting.open(0)).isFalse();
        passATurn(small, torrent, 1);
        for (int second = 0; second < 70; second += 5) {
            small.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
            small.slots.review();
            torrent.store.tick();
        }
        await().until(() -> torrent.delaying.equals(Set.of(1)));
        small.onLoop(() -> {
            torrent.store.discard(1);
            return true;
        });
        await().until(() -> small.slots.free() == 2);
        assertThat(torrent.held().stream().boxed()).containsExactly(0);
        small.close();
    }

    @Test
    void manySpillsOfASegmentAreMerged() throws Exception {
        RandomTorrent small = RandomTorrent.of(16 << 10, 50 * (16 << 10));
        var torrent = bench.open(small, Wanted.ALL);
        for (int piece = 0; piece < 49; piece++) {
            assertThat(torrent.download(piece)).isTrue();
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> {
                torrent.store.spillAll();
                return bench.slots.free() == bench.slots.count();
            });
        }
        torrent.handOver();
        await().untilAsserted(() -> assertThat(objects.objects).hasSize(17)); // 33 in one, and 16
        var next = bench.open(small, Wanted.ALL);
        assertThat(next.held().cardinality()).isEqualTo(49);
        assertThat(next.download(49)).isTrue();
        await().untilAsserted(() -> assertThat(objects.objects).containsOnly(small.segment(0)));
    }

    private static void passATurn(SegmentStoreFixture worker, SegmentStoreFixture.Opened torrent, int growing)
            throws IOException {
        for (int second = 0; second < 125; second += 5) {
            worker.nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
            int block = second / 5;
            torrent.store.write(growing, block << 14, ByteBuffer.wrap(CONTENT.piece(growing), block << 14, 16 << 10));
            worker.slots.review();
            torrent.store.tick();
        }
        assertThat(torrent.store.currentWish()).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void anAbandonedStoreWritesNothingMore() throws Exception {
        objects.away = key -> true;
        var torrent = openBlind();
        downloadAll(torrent);
        torrent.closed().abandon();
        await().until(() -> bench.slots.free() == bench.slots.count());
        objects.away = key -> false;
        assertThat(objects.objects).isEmpty();
    }

    @Test
    void aFailedReadLosesNothing() throws Exception {
        var torrent = bench.open(CONTENT, Wanted.ALL);
        downloadAll(torrent);
        assertStored(CONTENT.segments());
        await().until(() -> bench.slots.free() == bench.slots.count());
        objects.away = key -> true;
        assertThatThrownBy(() -> torrent.read(0, 0, 100).get(10, TimeUnit.SECONDS));
        assertThat(torrent.lostPieces().isEmpty()).isTrue();
        objects.away = key -> false;
        assertThat(torrent.read(0, 0, 100)).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void aWishBeforeTheTorrentStartsIsKept() throws Exception {
        Wanted large = Wanted.of(new Priority[] {Priority.HIGH, Priority.SKIP, Priority.SKIP});
        var torrent = bench.new Opened(CONTENT, large);
        var wish = torrent.store.want(torrent.wish(Wanted.ALL));
        torrent.attach();
        assertThat(wish).succeedsWithin(Duration.ofSeconds(10));
        assertThat(torrent.wanted()).hasSize(PIECES);
    }

    @Test
    void aPieceThatIsOpenWhenItsSlotFailsIsDownloadedAgainAndNothingWrongIsStored() throws Exception {
        var torrent = bench.open(CONTENT, Wanted.ALL);
        torrent.open(1);
        torrent.verified(1); // and was never written: the slot has nothing to give back
        bench.onLoop(() -> {
            torrent.store.spillAll(); // the segment is on its way when the next piece of it is opened
            return bench.later(() -> torrent.store.open(2));
        });
        await().until(() -> torrent.lostPieces().get(1));
        torrent.write(2, CONTENT.piece(2));
        assertThat(torrent.verified(2)).isFalse();
        assertThat(torrent.wanted()).hasSize(PIECES);
        downloadAll(torrent);
        assertStored(CONTENT.segments());
    }

    @Test
    void aSegmentGoesOnlyWhenNoSpillIsOnItsWayIntoItsSlot() throws Exception {
        String whole = CONTENT.keys.spill(new SegmentIndex(PACK), UUID.randomUUID());
        String late = CONTENT.keys.spill(new SegmentIndex(PACK), UUID.randomUUID());
        byte[] spill = spillOf(PACK, CONTENT.segment(PACK).getValue());
        objects.objects.put(whole, spill);
        objects.objects.put(late, spill);
        var torrent = bench.new Opened(CONTENT, Wanted.ALL);
        AtomicInteger refused = new AtomicInteger();
        objects.away = key -> key.equals(late) && refused.incrementAndGet() > 0;
        torrent.attach();
        // Before that it is read from a spill, and the late one may be asked.
        await("the whole one is in the slot")
                .ignoreException(ExecutionException.class)
                .until(() -> {
                    int before = objects.reads.get();
                    torrent.read(20, 0, 1).get(10, TimeUnit.SECONDS);
                    bench.extents.close();
                    return objects.reads.get() == before;
                });
        int then = refused.get();
        await().until(() -> refused.get() > then + 5);
        assertThat(torrent.stored).isEmpty();
        objects.away = key -> false;
        await().until(() -> torrent.stored.contains(PACK));
        assertThat(objects.objects).contains(CONTENT.segment(PACK));
    }

    /** As when the store goes away right after it was listed. */
    private SegmentStoreFixture.Opened openBlind() throws Exception {
        var before = objects.away;
        objects.away = key -> false;
        try {
            return bench.open(CONTENT, Wanted.ALL);
        } finally {
            objects.away = before;
        }
    }

    private static void downloadAll(SegmentStoreFixture.Opened torrent) throws IOException {
        for (int piece = PIECES - 1; piece >= 0; piece--) {
            assertThat(torrent.download(piece)).isTrue();
        }
    }

    private void assertStored(Map<String, byte[]> segments) {
        await().until(() -> objects.objects.keySet().containsAll(segments.keySet()));
        segments.forEach((key, bytes) -> assertThat(Arrays.equals(objects.objects.get(key), bytes))
                .as(key)
                .isTrue());
    }
}
