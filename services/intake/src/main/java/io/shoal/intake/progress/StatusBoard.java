package io.shoal.intake.progress;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.planning.FleetReports;
import io.shoal.intake.torrents.LiveTotals;
import io.shoal.intake.torrents.Torrent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest report about every slice, in memory: each replica reads all of the topics. A slice takes about 100 bytes, because there
 * may be a million of them; bitmaps and trackers are in the database only.
 *
 * <p>Of two statuses of a key the one of the higher generation counts, then the one of the higher epoch: a lower one comes from
 * a worker that has lost the slice. Within both, the later one counts, because one owner's records keep their order. Totals never
 * fall within an epoch. Figures count if they are of the known generation and not of a former owner; those of a slice or generation
 * whose status has not been read are left out, and come again soon.
 */
@ApplicationScoped
public class StatusBoard implements LiveTotals, FleetReports {
    /** How long a report may be late: for the owner's turns, and the way through Kafka. */
    static final Duration LATE = Duration.ofSeconds(3);

    // The columns of the table.
    private static final int GEN_STATE_REASON = 0;
    private static final int REV_WORKER = 1;
    private static final int EPOCH = 2;
    private static final int HEARD_CHECK = 3;
    private static final int DOWN = 4;
    private static final int UP = 5;
    private static final int LEFT = 6;
    private static final int RATES = 7;
    private static final int PEERS = 8;
    private static final int COLUMNS = 9;

    private static final int WORKER_BITS = 16;

    /** A tick of the time at which a slice was heard of: about an eighth of a second, so that 32 bits last for years. */
    private static final int TICK_BITS = 27;

    private final SliceTable slices = new SliceTable(COLUMNS);
    private final List<String> workers = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final LongSupplier nanos;
    private volatile @Nullable Instant freshSince;

    @Inject
    StatusBoard() {
        this(System::nanoTime);
    }

    StatusBoard(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Adds a status that was read.
     *
     * @return whether it is the newest; if not, it was ignored
     * @throws IllegalArgumentException if a number in it is larger than any that this platform gives out
     */
    public synchronized boolean put(SliceKey key, StatusRecord status) {
        long gen = Packed.fit(status.gen().value(), Long.SIZE - PackedState.BITS);
        long rev = Packed.fit(status.rev(), Long.SIZE - WORKER_BITS);
        PackedKey packed = PackedKey.of(key);
        int worker = number(status.worker());
        int row = slices.find(packed);
        boolean isSameOwner = false;
        if (row >= 0) {
            int generations = Long.compare(gen, gen(row));
            isSameOwner = generations == 0 && status.epoch() == slices.get(row, EPOCH);
            if (generations < 0
                    || generations == 0 && status.epoch() < slices.get(row, EPOCH)
                    || isSameOwner && rev < rev(row)) {
                return false;
            }
        }
        row = slices.add(packed);
        slices.set(row, GEN_STATE_REASON, gen << PackedState.BITS | PackedState.of(status.state(), status.reason()));
        slices.set(row, REV_WORKER, rev << WORKER_BITS | worker);
        slices.set(row, EPOCH, status.epoch());
        slices.set(row, HEARD_CHECK, Packed.pair(ticks(), status.check()));
        if (!isSameOwner || !mayMove(status.state())) {
            slices.set(row, RATES, 0);
            slices.set(row, PEERS, 0);
        }
        if (!isSameOwner || isNotLess(row, status.totals())) {
            setTotals(row, status.totals());
        }
        return true;
    }

    /**
     * Adds figures that were read.
     *
     * @return whether they are the newest; if not, they were ignored
     */
    public synchronized boolean put(SliceKey key, ProgressRecord.Slice figures) {
        int row = slices.find(PackedKey.of(key));
        if (row < 0
                || figures.gen().value() != gen(row)
                || figures.epoch() < slices.get(row, EPOCH)
                || figures.epoch() == slices.get(row, EPOCH) && !isNotLess(row, figures.totals())) {
            return false;
        }
        setTotals(row, figures.totals());
        slices.set(row, HEARD_CHECK, Packed.pair(ticks(), (int) slices.get(row, HEARD_CHECK)));
        if (mayMove(state(row))) {
            Rates rates = figures.rates();
            Peers peers = figures.peers();
            slices.set(row, RATES, Packed.pair(Packed.clamp(rates.down()), Packed.clamp(rates.up())));
            slices.set(
                    row,
                    PEERS,
                    Packed.pair(
                            Packed.clamp16(peers.connected()) << 16 | Packed.clamp16(peers.seeds()),
                            peers.availability()));
        }
        return true;
    }

    /** Removes a slice that has ended. */
    public synchronized void remove(SliceKey key) {
        slices.remove(PackedKey.of(key));
    }

    /** The newest report about {@code key}. */
    public synchronized Optional<LiveSlice> of(SliceKey key) {
        int row = slices.find(PackedKey.of(key));
        return row < 0 ? Optional.empty() : Optional.of(live(row));
    }

    /** The newest report about a torrent in this life. */
    public Optional<LiveSlice> of(TorrentId torrent, Generation generation) {
        return of(new SliceKey.OfTorrent(torrent, 0)).filter(live -> live.gen().equals(generation));
    }

    /**
     * Returns whether the owner of {@code key} has not reported in time: a slice that receives or sends is reported repeatedly until it
     * does not, so its worker is gone, or cannot be heard. Silence about a slice in which nothing moves says nothing.
     */
    public synchronized boolean isOverdue(SliceKey key) {
        int row = slices.find(PackedKey.of(key));
        if (row < 0 || slices.get(row, RATES) == 0) {
            return false;
        }
        Duration every = switch (state(row)) {
            case DOWNLOADING, RESOLVING -> ProgressRecord.DOWNLOADING_EVERY;
            default -> ProgressRecord.UPLOADING_EVERY;
        };
        int silent = ticks() - (int) (slices.get(row, HEARD_CHECK) >>> Integer.SIZE);
        return silent > (every.plus(LATE).toNanos() >>> TICK_BITS) + 1;
    }

    @Override
    public long up(Torrent torrent) {
        return of(torrent.id(), torrent.generation())
                .map(live -> Math.max(live.up(), torrent.up()))
                .orElse(torrent.up());
    }

    /** Whether all that was on the topics a few seconds ago has been read. */
    public boolean isFresh() {
        return freshSince != null;
    }

    @Override
    public Optional<Instant> currentSince() {
        return Optional.ofNullable(freshSince);
    }

    /** Sets whether all that is on the topics has been read. Called by one thread. */
    public void setFresh(boolean isFresh) {
        if (isFresh != isFresh()) {
            freshSince = isFresh ? Instant.now() : null;
        }
    }

    /** Returns the bytes of memory that the slices take. */
    synchronized long bytes() {
        return slices.bytes();
    }

    /** Whether a slice in this state receives or sends: a late figure of one that has stopped must not look like a movement. */
    private static boolean mayMove(State state) {
        return switch (state) {
            case STARTING, RESOLVING, DOWNLOADING, SEEDING -> true;
            case RESOLVED, STOPPED, FAILED -> false;
        };
    }

    private boolean isNotLess(int row, StatusRecord.Totals totals) {
        return totals.down() >= slices.get(row, DOWN) && totals.up() >= slices.get(row, UP);
    }

    private void setTotals(int row, StatusRecord.Totals totals) {
        Long left = totals.left();
        slices.set(row, DOWN, totals.down());
        slices.set(row, UP, totals.up());
        slices.set(row, LEFT, left == null ? -1 : left);
    }

    private int ticks() {
        return (int) (nanos.getAsLong() >>> TICK_BITS);
    }

    private long gen(int row) {
        return slices.get(row, GEN_STATE_REASON) >>> PackedState.BITS;
    }

    private long rev(int row) {
        return slices.get(row, REV_WORKER) >>> WORKER_BITS;
    }

    private int packedState(int row) {
        return (int) slices.get(row, GEN_STATE_REASON) & (1 << PackedState.BITS) - 1;
    }

    private State state(int row) {
        return PackedState.state(packedState(row));
    }

    private LiveSlice live(int row) {
        long left = slices.get(row, LEFT);
        long rates = slices.get(row, RATES);
        long peers = slices.get(row, PEERS);
        return new LiveSlice(
                new Generation(gen(row)),
                rev(row),
                slices.get(row, EPOCH),
                workers.get((int) slices.get(row, REV_WORKER) & (1 << WORKER_BITS) - 1),
                state(row),
                PackedState.reason(packedState(row)),
                (int) slices.get(row, HEARD_CHECK),
                slices.get(row, DOWN),
                slices.get(row, UP),
                left < 0 ? null : left,
                new Rates(Packed.high(rates), Packed.low(rates)),
                new Peers((int) (peers >>> 48), (int) (peers >>> 32) & 0xffff, (int) peers));
    }

    /** Returns the number of a worker's name. There are as many names as replicas of the fleet ever had, because they are used again. */
    private int number(String worker) {
        Integer known = numbers.get(worker);
        if (known != null) {
            return known;
        }
        if (workers.size() == 1 << WORKER_BITS) {
            throw new IllegalArgumentException("no fleet has so many workers");
        }
        workers.add(worker);
        numbers.put(worker, workers.size() - 1);
        return workers.size() - 1;
    }
}
