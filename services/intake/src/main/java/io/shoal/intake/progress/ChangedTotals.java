package io.shoal.intake.progress;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/**
 * The totals of torrents that have changed since they were last written. Those of partitions that another replica owns are kept until
 * they were left out once: if this replica becomes the owner within a minute, it writes what the other one had not written.
 */
@ApplicationScoped
class ChangedTotals {
    private static final int GEN = 0;
    private static final int EPOCH = 1;
    private static final int DOWN = 2;
    private static final int UP = 3;
    private static final int WASTED = 4;
    private static final int SEEDING = 5;
    private static final int PARTITION = 6;
    private static final int COLUMNS = 7;

    private final OwnedPartitions owned;
    private SliceTable changed = new SliceTable(COLUMNS);
    private SliceTable former = new SliceTable(COLUMNS);

    ChangedTotals(OwnedPartitions owned) {
        this.owned = owned;
    }

    /** The totals of a torrent in a generation, as the owner of an epoch counted them. */
    record Row(TorrentId torrent, long gen, long epoch, long down, long up, long wasted, long seeding, int partition) {
        private boolean isNewerThan(Row other) {
            if (gen != other.gen) {
                return gen > other.gen;
            }
            return epoch == other.epoch ? sum() >= other.sum() : epoch > other.epoch;
        }

        private long sum() {
            return down + up + wasted + seeding;
        }
    }

    void add(SliceKey key, int partition, Generation gen, long epoch, StatusRecord.Totals totals) {
        if (key instanceof SliceKey.OfTorrent(TorrentId torrent, int slice)) {
            add(new Row(
                    torrent,
                    gen.value(),
                    epoch,
                    totals.down(),
                    totals.up(),
                    totals.wasted(),
                    totals.seedingSeconds(),
                    partition));
        }
    }

    /** Adds totals unless newer ones are there. */
    synchronized void add(Row row) {
        add(row, changed);
    }

    /** Removes the totals of a slice that has ended: the next owner counts anew. */
    synchronized void remove(SliceKey key) {
        PackedKey packed = PackedKey.of(key);
        changed.remove(packed);
        former.remove(packed);
    }

    /** Returns what has changed of owned partitions; the rest stays for another turn. */
    synchronized Taken take() {
        SliceTable taken = new SliceTable(COLUMNS);
        SliceTable rest = new SliceTable(COLUMNS);
        for (int i = 0; i < former.size(); i++) {
            Row row = row(former, i);
            if (owned.contains(row.partition)) {
                add(row, taken);
            }
        }
        for (int i = 0; i < changed.size(); i++) {
            Row row = row(changed, i);
            add(row, owned.contains(row.partition) ? taken : rest);
        }
        former = rest;
        changed = new SliceTable(COLUMNS);
        return new Taken(taken);
    }

    /** What was taken; it is handed out in batches, so that there are few objects at a time. */
    static final class Taken {
        private final SliceTable table;
        private int next;

        private Taken(SliceTable table) {
            this.table = table;
        }

        /** Returns the next rows, at most {@code most}; none at the end. */
        List<Row> next(int most) {
            List<Row> rows = new ArrayList<>();
            while (rows.size() < most && next < table.size()) {
                rows.add(row(table, next++));
            }
            return rows;
        }
    }

    private static void add(Row row, SliceTable table) {
        PackedKey key = PackedKey.of(new SliceKey.OfTorrent(row.torrent, 0));
        int known = table.find(key);
        if (known >= 0 && !row.isNewerThan(row(table, known))) {
            return;
        }
        int at = known >= 0 ? known : table.add(key);
        table.set(at, GEN, row.gen);
        table.set(at, EPOCH, row.epoch);
        table.set(at, DOWN, row.down);
        table.set(at, UP, row.up);
        table.set(at, WASTED, row.wasted);
        table.set(at, SEEDING, row.seeding);
        table.set(at, PARTITION, row.partition);
    }

    private static Row row(SliceTable table, int row) {
        return switch (table.key(row).key()) {
            case SliceKey.OfTorrent(TorrentId torrent, int slice) ->
                new Row(
                        torrent,
                        table.get(row, GEN),
                        table.get(row, EPOCH),
                        table.get(row, DOWN),
                        table.get(row, UP),
                        table.get(row, WASTED),
                        table.get(row, SEEDING),
                        (int) table.get(row, PARTITION));
            case SliceKey.OfResolve resolve -> throw new IllegalStateException("a search for metadata has no totals");
        };
    }
}
