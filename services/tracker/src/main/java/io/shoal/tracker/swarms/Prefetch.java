package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Loads the memory of many swarms that are about to be used into the caches. A table of millions fits no cache, and each look-up is a
 * chain: bucket, header, slots. Going link by link through all of them, the processor waits for many links at once instead of
 * for each in turn, and the announces that follow find everything in its caches.
 *
 * <p>It takes no lock: what it sees may be changing, or be of another swarm, and nothing is made of it. Confined to one thread.
 */
public final class Prefetch {
    /** The number of announces in one run: with their slots they fit the first caches. */
    public static final int MOST = 64;

    private static final int LINE_LONGS = 8;

    private final Swarms swarms;
    private final Entry[] all = new Entry[MOST];
    private int count;
    private long checksum;

    /** An announce to come, and the array that holds the next link of its chain, from {@code at} to {@code end}. */
    private static final class Entry {
        @Nullable
        SwarmTable table;

        int peer;
        int header;
        long @Nullable [] array;
        int at;
        int end;

        void locate(long @Nullable [] array, int at, int longs) {
            this.array = array != null && at >= 0 && at + longs <= array.length ? array : null;
            this.at = at;
            this.end = at + longs;
        }

        long touch() {
            long[] in = array;
            if (in == null) {
                return 0;
            }
            long sum = in[end - 1];
            for (int place = at; place < end; place += LINE_LONGS) {
                sum += in[place];
            }
            return sum;
        }
    }

    Prefetch(Swarms swarms) {
        this.swarms = swarms;
        for (int i = 0; i < MOST; i++) {
            all[i] = new Entry();
        }
    }

    /** Adds a peer at {@code address} and {@code port} whose announce for {@code torrent} is processed next. */
    public void add(SwarmKey torrent, Address address, int port) {
        if (count < MOST) {
            Entry entry = all[count++];
            entry.table = swarms.shard(torrent).table(address.isV4());
            entry.header = entry.table.headerHint(torrent);
            entry.peer = Family.of(address).hash(address, port);
        }
    }

    /** Loads the memory of all that were added, and clears the list. */
    public void run() {
        int added = count;
        count = 0;
        long sum = 0;
        for (int i = 0; i < added; i++) {
            header(all[i]);
            sum += all[i].touch();
        }
        for (int i = 0; i < added; i++) {
            slots(all[i]);
        }
        for (int i = 0; i < added; i++) {
            sum += all[i].touch();
        }
        checksum = sum;
    }

    private static void header(Entry entry) {
        Slab headers = table(entry).headers();
        int header = entry.header;
        if (header < 0) {
            entry.array = null;
        } else {
            entry.locate(headers.pageIfPresent(header), headers.offset(header), SwarmTable.HEADER);
        }
    }

    private static void slots(Entry entry) {
        long[] header = entry.array;
        if (header == null) {
            return;
        }
        Blocks blocks = table(entry).blocks();
        int block = Swarm.block(header, entry.at + SwarmTable.SWARM);
        int size = Swarm.size(header, entry.at + SwarmTable.SWARM);
        entry.array = null;
        if (size < Blocks.INDEXED) {
            entry.locate(blocks.arrayIfPresent(size, block), blocks.offset(size, block), blocks.longs(size));
        } else if (size == Blocks.INDEXED) {
            IndexedSlots indexed = blocks.indexedIfPresent(block);
            if (indexed != null) {
                entry.locate(indexed.slots(), indexed.slotHint(entry.peer), 1);
            }
        }
    }

    private static SwarmTable table(Entry entry) {
        return Objects.requireNonNull(entry.table, "added before");
    }

    /** Keeps the reads from being optimized away. */
    long checksum() {
        return checksum;
    }
}
