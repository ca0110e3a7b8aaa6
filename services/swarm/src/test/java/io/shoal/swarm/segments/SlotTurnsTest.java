package io.shoal.swarm.segments;

import static io.shoal.swarm.segments.RandomTorrent.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.contracts.records.Wanted;
import io.shoal.engine.store.Store;
import io.shoal.objectstore.StoreUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Torrents, each with one slow peer, share the slots of a worker. The stores, the slots and the scratch file are real;
 * time advances in steps of one block of a peer, and waits for the object store.
 */
@Timeout(300)
class SlotTurnsTest {
    private static final RandomTorrent CONTENT = RandomTorrent.of(MIB, 6 * MIB);
    private static final int SLOTS = 24;
    private static final int RESERVE = 2;
    private static final int BLOCK = 16 << 10;

    /** A block arrives in this time: 2 KiB/s. */
    private static final Duration STEP = Duration.ofSeconds(8);

    private final FailingStore objects = new FailingStore();
    private final List<SlowTorrent> torrents = new ArrayList<>();

    @TempDir
    Path folder;

    private SegmentStoreFixture worker;

    @BeforeEach
    void begin() throws IOException {
        worker = new SegmentStoreFixture(folder, objects, SLOTS);
    }

    @AfterEach
    void end() throws IOException {
        torrents.forEach(SlowTorrent::abandon);
        await().until(() -> worker.slots.free() == SLOTS);
        worker.close();
    }

    private void add(int count, String owner) throws StoreUnavailableException {
        for (int i = 0; i < count; i++) {
            torrents.add(new SlowTorrent(owner));
        }
    }

    private void run(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(STEP)) {
            worker.nanos.addAndGet(STEP.toNanos());
            torrents.forEach(each -> worker.onLoop(each::receive));
            worker.slots.review();
            torrents.forEach(each -> each.store.tick());
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> worker.onLoop(this::isSettled));
        }
    }

    /** Whether each slot is used by an open piece, and none is left that a torrent could have. */
    private boolean isSettled() {
        long open = torrents.stream().filter(each -> each.piece >= 0).count();
        return SLOTS - worker.slots.free() == open && (worker.slots.free() <= RESERVE || open == torrents.size());
    }

    @Test
    void fortyTorrentsOnTwentyFourSlotsAllGetPieces() throws Exception {
        add(40, "owner");
        run(Duration.ofMinutes(30));
        assertThat(torrents).allMatch(each -> each.verified.cardinality() >= 1);
        assertThat(torrents).as("a slot is returned at the end of a piece").allMatch(each -> each.dropped == 0);
        assertThat(worker.slots.drains()).isPositive();
        for (SlowTorrent each : torrents) {
            assertThat(worker.onLoop(each.store::held))
                    .as("nothing verified is lost")
                    .isEqualTo(each.verified);
        }
    }

    @Test
    void piecesOfPeersThatStallAreGivenUp() throws Exception {
        add(22, "owner");
        run(Duration.ofMinutes(1));
        torrents.forEach(each -> each.stalled = true);
        add(18, "owner");
        run(Duration.ofMinutes(12));
        assertThat(torrents.subList(22, 40)).allMatch(each -> each.verified.cardinality() >= 1);
        assertThat(torrents.subList(0, 22)).anyMatch(each -> each.dropped > 0);
    }

    @Test
    void anOwnersOnlyTorrentWaitsForATurnAtMostHoweverManyAnotherHas() throws Exception {
        add(100, "many");
        run(Duration.ofMinutes(4));
        add(3, "few"); // one uses the reserve
        run(Duration.ofMinutes(2).plusSeconds(15));
        assertThat(torrents.subList(100, 103)).allMatch(each -> each.piece >= 0);
    }

    @Test
    void aTorrentAloneIsNotDisturbed() throws Exception {
        add(1, "owner");
        run(Duration.ofMinutes(30));
        assertThat(torrents.getFirst().verified.cardinality()).isEqualTo(3);
        assertThat(objects.objects).isEmpty();
        assertThat(worker.slots.drains()).isZero();
    }

    /** A torrent as the engine runs it, with a peer that has all pieces and sends a block with each step. */
    private final class SlowTorrent implements SegmentListener, Store.Listener {
        final SegmentStore store;
        final BitSet verified = new BitSet();
        private final Executor loop = task -> {
            var _ = worker.later(task);
        };
        volatile boolean stalled;
        int piece = -1;
        int dropped;
        private int received;
        private boolean refused;

        SlowTorrent(String owner) throws StoreUnavailableException {
            StoredContent found = new StoredContent(new BitSet(), List.of(), List.of());
            SegmentWish wish = SegmentWish.of(CONTENT.geometry, 1, Wanted.ALL, 0, 0);
            store = new SegmentStore(CONTENT.geometry, 1, CONTENT.keys, worker.worker, owner, found, wish, this);
            worker.onLoop(() -> {
                store.attach(loop, this);
                openNext();
                return true;
            });
        }

        private void openNext() {
            int next = verified.nextClearBit(0);
            if (piece < 0 && (!refused || store.hasRoom(next))) {
                if (store.open(next)) {
                    piece = next;
                    received = 0;
                } else {
                    refused = true;
                }
            }
        }

        boolean receive() {
            if (piece < 0 || stalled) {
                return false;
            }
            try {
                store.write(piece, received, ByteBuffer.wrap(CONTENT.piece(piece), received, BLOCK));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            received += BLOCK;
            if (received == MIB) {
                assertThat(verified.get(piece)).as("fetched twice").isFalse();
                verified.set(piece);
                int done = piece;
                piece = -1;
                assertThat(store.verified(done)).isTrue();
                openNext();
            }
            return true;
        }

        void abandon() {
            worker.onLoop(() -> {
                piece = -1;
                store.close();
                return true;
            });
            store.abandon();
        }

        @Override
        public void roomChanged() {
            refused = false;
            loop.execute(this::openNext);
        }

        @Override
        public void roomNeeded(BitSet pieces) {
            if (piece >= 0 && pieces.get(piece)) {
                int gone = piece;
                piece = -1;
                dropped++;
                store.discard(gone);
                loop.execute(this::openNext);
            }
        }

        @Override
        public void lost(BitSet pieces) {
            throw new AssertionError("lost " + pieces);
        }

        @Override
        public void lost() {}

        @Override
        public void stored(int segment) {}
    }
}
