package io.shoal.intake.progress;

import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import java.util.Set;

/**
 * The last status of each slice that was accepted to be acted upon, in 80 bytes, so that one in which nothing has changed touches no
 * database. Only slices of partitions that this replica owns, and only since it owns them: what another replica did in between is not
 * known here.
 *
 * <p>Segments that are stored only become more while generation, epoch and check stay, so their number tells whether they changed. Of
 * trackers a hash of 64 bits is kept.
 */
final class HandledStatuses {
    /** What a status requires. */
    enum Action {
        /** It is older than another that was accepted. */
        IGNORE,
        /** Nothing has changed. */
        NOTHING,
        /** It must be stored, and nothing else depends on it: more segments are stored, or trackers have answered. */
        STORE,
        /** The state of a transfer may depend on it. */
        ACT
    }

    private static final int GEN = 0;
    private static final int REV = 1;
    private static final int EPOCH = 2;
    private static final int CHECK_STORED = 3;
    private static final int GOAL = 4;
    private static final int PARTITION_FLAGS = 5;
    private static final int TRACKERS = 6;
    private static final int COLUMNS = 7;

    /** The slice's torrent may belong to transfers of several tenants: each segment may be the last that one of them waits for. */
    private static final long SHARED = 1 << 16;

    private final SliceTable slices = new SliceTable(COLUMNS);

    /** Accepts a status of a partition that is owned, unless it is older; returns what it requires. */
    synchronized Action accept(SliceKey key, int partition, StatusRecord status) {
        PackedKey packed = PackedKey.of(key);
        int row = slices.find(packed);
        Action action = row < 0 ? Action.ACT : compare(key, row, status);
        if (action == Action.IGNORE || action == Action.NOTHING) {
            return action;
        }
        if (row < 0) {
            row = slices.add(packed);
            slices.set(row, GOAL, Long.MAX_VALUE);
        }
        long flags = slices.get(row, PARTITION_FLAGS) & SHARED;
        slices.set(row, GEN, status.gen().value());
        slices.set(row, REV, status.rev());
        slices.set(row, EPOCH, status.epoch());
        slices.set(row, CHECK_STORED, checkStored(status));
        slices.set(row, TRACKERS, TrackerStates.hash(status.trackers()));
        slices.set(row, PARTITION_FLAGS, (long) state(status) << Integer.SIZE | flags | partition);
        if (action == Action.ACT) {
            slices.set(row, GOAL, Long.MAX_VALUE); // the action finds the next one
        }
        return action;
    }

    private Action compare(SliceKey key, int row, StatusRecord status) {
        int generations = Long.compare(status.gen().value(), slices.get(row, GEN));
        int epochs = Long.compare(status.epoch(), slices.get(row, EPOCH));
        int revs = Long.compare(status.rev(), slices.get(row, REV));
        if (generations < 0 || generations == 0 && (epochs < 0 || epochs == 0 && revs < 0)) {
            return Action.IGNORE;
        }
        boolean isSame = generations == 0
                && epochs == 0
                && revs == 0
                && state(status) == (int) (slices.get(row, PARTITION_FLAGS) >>> Integer.SIZE)
                && status.check() == (int) Packed.high(slices.get(row, CHECK_STORED));
        if (!isSame || status.totals().up() >= slices.get(row, GOAL)) {
            return Action.ACT;
        }
        boolean isMoreStored = checkStored(status) != slices.get(row, CHECK_STORED)
                && !(key instanceof SliceKey.OfResolve); // a search for metadata stores no segments
        if (isMoreStored && (slices.get(row, PARTITION_FLAGS) & SHARED) != 0) {
            return Action.ACT;
        }
        boolean areTrackersOthers = TrackerStates.hash(status.trackers()) != slices.get(row, TRACKERS);
        return isMoreStored || areTrackersOthers ? Action.STORE : Action.NOTHING;
    }

    private static int state(StatusRecord status) {
        return PackedState.of(status.state(), status.reason());
    }

    private static long checkStored(StatusRecord status) {
        return Packed.pair(status.check(), status.stored().size());
    }

    /**
     * Notes what an action has found.
     *
     * @param isShared whether transfers of several tenants may belong to the torrent
     * @param goal the least number of bytes sent at which a seeding goal is met
     */
    synchronized void acted(SliceKey key, boolean isShared, long goal) {
        int row = slices.find(PackedKey.of(key));
        if (row >= 0) {
            long flags = slices.get(row, PARTITION_FLAGS) & ~SHARED;
            slices.set(row, PARTITION_FLAGS, flags | (isShared ? SHARED : 0));
            slices.set(row, GOAL, goal);
        }
    }

    /** Returns, once for each goal, whether a seeding goal is met when {@code up} bytes have been sent. */
    synchronized boolean meetsGoal(SliceKey key, long up) {
        int row = slices.find(PackedKey.of(key));
        if (row < 0 || up < slices.get(row, GOAL)) {
            return false;
        }
        slices.set(row, GOAL, Long.MAX_VALUE);
        return true;
    }

    /** Removes a slice that has ended. */
    synchronized void remove(SliceKey key) {
        slices.remove(PackedKey.of(key));
    }

    /** Removes the slices of partitions that are not owned any more. */
    synchronized void removeAll(Set<Integer> partitions) {
        slices.removeIf(row -> partitions.contains((int) slices.get(row, PARTITION_FLAGS) & 0xffff));
    }
}
