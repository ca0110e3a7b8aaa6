package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the memory of many swarms that are about to be asked for. A table of millions fits no cache, and each look-up is a
 * chain: bucket, header, slots. Going link by link through all of them, the processor waits for many links at once instead of
 * for each in turn, and the announces that follow find everything in its caches.
 *
 * <p>It takes no lock: what it sees may be changing, or be of another swarm, and nothing is made of it. Of one thread.
 */
public final class Glance {
    /** How many it looks at together: with their slots they fit the first caches. */
    public static final int MOST = 64;

    private static final int LINE_LONGS = 8;

    private final Swarms swarms;
    private final Asked[] all = new Asked[MOST];
    private int count;
    private long seen;

    /** One that is about to ask, and the array in which the next link of his chain lies, from {@code at} to {@code end}. */
    private static final class Asked {
        @Nullable
        SwarmTable table;

        int peer;
        int header;
        long @Nullable [] array;
        int at;
        int end;

        void lies(long @Nullable [] array, int at, int longs) {
            this.array = array != null && at >= 0 && at + longs <= array.length ? array : null;
            this.at = at;
            this.end = at + longs;
        }

        long see() {
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

    Glance(Swarms swarms) {
        this.swarms = swarms;
        for (int i = 0; i < MOST; i++) {
            all[i] = new Asked();
        }
    }

    /** Somebody at {@code address} and {@code port} is about to announce himself for {@code torrent}. */
    public void add(SwarmKey torrent, Address address, int port) {
        if (count < MOST) {
            Asked asked = all[count++];
            asked.table = swarms.shard(torrent).table(address.isV4());
            asked.header = asked.table.glance(torrent);
            asked.peer = Family.of(address).hash(address, port);
        }
    }

    /** Looks at all that were added, and forgets them. */
    public void look() {
        int added = count;
        count = 0;
        long sum = 0;
        for (int i = 0; i < added; i++) {
            header(all[i]);
            sum += all[i].see();
        }
        for (int i = 0; i < added; i++) {
            slots(all[i]);
        }
        for (int i = 0; i < added; i++) {
            sum += all[i].see();
        }
        seen = sum;
    }

    private static void header(Asked asked) {
        Slab headers = table(asked).headers();
        int header = asked.header;
        if (header < 0) {
            asked.array = null;
        } else {
            asked.lies(headers.glance(header), headers.offset(header), SwarmTable.HEADER);
        }
    }

    private static void slots(Asked asked) {
        long[] header = asked.array;
        if (header == null) {
            return;
        }
        Blocks blocks = table(asked).blocks();
        int block = Swarm.block(header, asked.at + SwarmTable.SWARM);
        int size = Swarm.size(header, asked.at + SwarmTable.SWARM);
        asked.array = null;
        if (size < Blocks.CROWD) {
            asked.lies(blocks.glanceAtArray(size, block), blocks.offset(size, block), blocks.longs(size));
        } else if (size == Blocks.CROWD) {
            Crowd crowd = blocks.glanceAtCrowd(block);
            if (crowd != null) {
                asked.lies(crowd.slots(), crowd.glance(asked.peer), 1);
            }
        }
    }

    private static SwarmTable table(Asked asked) {
        return Objects.requireNonNull(asked.table, "added before");
    }

    /** So that the looking is not left out as of no use. */
    long seen() {
        return seen;
    }
}
