package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Changes of a shard that the other replicas need, packed: written under the shard's lock, then exchanged for an empty outbox and
 * read without it. Bounded: a change that finds no room is lost until its peer announces again.
 */
final class Outbox {
    private static final int WIDTH = 7;
    private static final int FEWEST = 64;

    /** Changes: what a shard may see between two exchanges when all traffic is for one torrent. */
    static final int MOST = 1 << 14;

    private static final int MARKS_SHIFT = 8;
    private static final int COMPLETED = Flags.MARKS + 1;

    private final int replica;
    private long[] packed = new long[FEWEST * WIDTH];
    private int used;
    private int lost;

    Outbox(int replica) {
        this.replica = replica;
    }

    /** A change of what this replica knows. */
    void add(
            SwarmKey torrent,
            Address address,
            int port,
            int peer,
            int state,
            int flags,
            boolean completed,
            int downloaded,
            long at) {
        if (used == packed.length) {
            if (used >= MOST * WIDTH) {
                lost++;
                return;
            }
            packed = Arrays.copyOf(packed, 2 * used);
        }
        int marks = flags & Flags.MARKS | (completed ? COMPLETED : 0);
        packed[used] = torrent.first();
        packed[used + 1] = torrent.second();
        packed[used + 2] = (long) torrent.last() << 32 | Integer.toUnsignedLong(peer);
        packed[used + 3] = address.high();
        packed[used + 4] = address.low();
        packed[used + 5] = at;
        packed[used + 6] = Integer.toUnsignedLong(downloaded) << 32 | (long) port << 16 | marks << MARKS_SHIFT | state;
        used += WIDTH;
    }

    /** Hands all to {@code reader}, in order, and is empty then; returns how many found no room. */
    int empty(Consumer<Change> reader) {
        for (int at = 0; at < used; at += WIDTH) {
            long last = packed[at + 6];
            int marks = (int) last >>> MARKS_SHIFT & 0xff;
            reader.accept(new Change(
                    new SwarmKey(packed[at], packed[at + 1], (int) (packed[at + 2] >>> 32)),
                    new Address(packed[at + 3], packed[at + 4]),
                    (int) (last >>> 16) & 0xffff,
                    (int) packed[at + 2],
                    PeerState.of((int) last & 0xff),
                    (marks & Flags.LEECHED) != 0,
                    (marks & Flags.COUNTED) != 0,
                    (marks & COMPLETED) != 0,
                    (int) (last >>> 32),
                    packed[at + 5],
                    replica));
        }
        used = 0;
        int without = lost;
        lost = 0;
        return without;
    }
}
