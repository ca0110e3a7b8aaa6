package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One swarm of one family, opened for a moment under its shard's lock. Its slots lie without gaps and sorted by what the peers
 * are: {@link #ACTIVE}, then {@link #PAUSED}, {@link #SEED}, {@link #STOPPED}. So a slot's place says what its peer is, counts
 * are the lengths of the runs, and the peers that an asker may be given are one run that is never filtered.
 */
final class Swarm {
    /** Leeches that want something. */
    static final int ACTIVE = 0;

    /** Partial seeds (BEP 21). */
    static final int PAUSED = 1;

    static final int SEED = 2;

    /** Left, and remembered for a while so that an older announce does not bring them back. */
    static final int STOPPED = 3;

    /** Peers of a swarm and family: more than any swarm has, and its counts fit their 21 bits. */
    static final int PEERS = 1 << 20;

    private static final int COUNT_BITS = 21;
    private static final int COUNT = (1 << COUNT_BITS) - 1;

    private final Family family;
    private final Blocks blocks;
    private final int[] totals;
    private final int[] counts = new int[4];
    private long[] header = new long[0];
    private int headerAt;
    private int size;
    private int block;
    private int downloaded;
    private long[] slots = header;
    private int base;
    private @Nullable IndexedSlots crowd;
    private final PeerSample draw = new PeerSample();

    /**
     * @param totals of the whole table, by what peers are; kept in step
     */
    Swarm(Family family, Blocks blocks, int[] totals) {
        this.family = family;
        this.blocks = blocks;
        this.totals = totals;
    }

    /** Opens the swarm whose header's last three longs begin at {@code at}. */
    void open(long[] header, int at) {
        this.header = header;
        headerAt = at;
        block = block(header, at);
        long run = header[at + 1];
        counts[ACTIVE] = (int) run & COUNT;
        counts[PAUSED] = (int) (run >>> COUNT_BITS) & COUNT;
        counts[SEED] = (int) (run >>> 2 * COUNT_BITS) & COUNT;
        downloaded = (int) (header[at + 2] >>> 32);
        counts[STOPPED] = (int) header[at + 2] >>> 8 & COUNT;
        size = size(header, at);
        look();
    }

    static int block(long[] header, int at) {
        return (int) header[at];
    }

    static int size(long[] header, int at) {
        return (int) header[at + 2] & 0xff;
    }

    /** Opens a swarm without peers, whose header is new. */
    void openNew(long[] header, int at) {
        header[at] = header[at] & 0xffffffff00000000L | Integer.toUnsignedLong(blocks.allocate(0, 1));
        header[at + 1] = 0;
        header[at + 2] = 0;
        open(header, at);
    }

    private void look() {
        slots = blocks.array(size, block);
        base = blocks.offset(size, block);
        crowd = size == Blocks.INDEXED ? blocks.indexed(block) : null;
    }

    /** Writes the header; to be called after changes. */
    void save() {
        header[headerAt] = header[headerAt] & 0xffffffff00000000L | Integer.toUnsignedLong(block);
        header[headerAt + 1] =
                counts[ACTIVE] | (long) counts[PAUSED] << COUNT_BITS | (long) counts[SEED] << 2 * COUNT_BITS;
        header[headerAt + 2] = (long) downloaded << 32 | (long) counts[STOPPED] << 8 | size;
    }

    /** Gives back the memory of the slots. */
    void free() {
        blocks.release(size, block);
    }

    int slots() {
        return counts[ACTIVE] + counts[PAUSED] + counts[SEED] + counts[STOPPED];
    }

    Scrape scrape() {
        return new Scrape(counts[SEED], downloaded, counts[ACTIVE] + counts[PAUSED], counts[ACTIVE]);
    }

    int downloaded() {
        return downloaded;
    }

    void countDownload() {
        downloaded += downloaded < Integer.MAX_VALUE ? 1 : 0;
    }

    /** Another replica has counted {@code others}. */
    void countDownloads(int others) {
        downloaded = Math.max(downloaded, others);
    }

    /** The slot of the peer at {@code address} and {@code port}, or -1. */
    int find(Address address, int port) {
        if (crowd != null) {
            return crowd.find(address, port);
        }
        for (int slot = 0, end = slots(); slot < end; slot++) {
            if (family.port(slots, at(slot)) == port && family.isAt(slots, at(slot), address)) {
                return slot;
            }
        }
        return -1;
    }

    int state(int slot) {
        int end = 0;
        for (int state = ACTIVE; state < STOPPED; state++) {
            end += counts[state];
            if (slot < end) {
                return state;
            }
        }
        return STOPPED;
    }

    int flags(int slot) {
        return family.flags(slots, at(slot));
    }

    int replica(int slot) {
        return family.replica(slots, at(slot));
    }

    int time(int slot) {
        return family.time(slots, at(slot));
    }

    int peer(int slot) {
        return family.peer(slots, at(slot));
    }

    /** Renews what is known of a peer, not where it is. */
    void stamp(int slot, Address address, int port, int peer, int flags, int replica, int time) {
        family.put(slots, at(slot), address, peer);
        stamp(slot, port, flags, replica, time);
    }

    /** Renews neither where it is nor who. */
    void stamp(int slot, int port, int flags, int replica, int time) {
        family.stamp(slots, at(slot), port, flags, replica, time);
    }

    /** A new peer's slot. There must be no more than {@link #PEERS} - 1 slots. */
    int add(Address address, int port, int peer, int flags, int replica, int time, int state) {
        int slot = slots();
        if (slot == blocks.capacity(size, block)) {
            move(slot < Blocks.SMALL_SLOTS ? slot + 1 : slot + slot / 4);
        }
        stamp(slot, address, port, peer, flags, replica, time);
        if (crowd != null) {
            crowd.added(slot);
        }
        counts[STOPPED]++;
        totals[STOPPED]++;
        return turn(slot, STOPPED, state);
    }

    /** The peer of {@code slot} becomes another thing; its slot after that. */
    int turn(int slot, int from, int to) {
        int place = slot;
        for (int state = from; state < to; state++) {
            place = swap(place, end(state) - 1);
            counts[state]--;
            counts[state + 1]++;
        }
        for (int state = from; state > to; state--) {
            place = swap(place, end(state - 1));
            counts[state]--;
            counts[state - 1]++;
        }
        totals[from]--;
        totals[to]++;
        return place;
    }

    /** Forgets the peer of {@code slot}; only slots behind it change their place. */
    void remove(int slot) {
        int last = slots() - 1;
        swap(turn(slot, state(slot), STOPPED), last);
        if (crowd != null) {
            crowd.removing(last);
        }
        counts[STOPPED]--;
        totals[STOPPED]--;
    }

    /** Gives back memory where less than half of it is used. */
    void shrink() {
        int used = slots();
        if (used > 0 && used <= blocks.capacity(size, block) / 2 && size > 0) {
            move(used <= Blocks.SMALL_SLOTS ? used : used + used / 8);
        }
    }

    /**
     * Gives {@code wanted} peers of the first {@code run} slots, each with the same chance, or all if they are no more.
     *
     * @param self a slot to leave out, or -1
     * @param peer with {@code port}, who is left out too: the address that the asker has in the other family
     */
    void give(int run, int wanted, int self, int peer, int port, RandomGenerator random, Reply reply) {
        boolean inRun = self >= 0 && self < run;
        int others = inRun ? run - 1 : run;
        int count = Math.min(wanted, others);
        if (count <= 0) {
            return;
        }
        draw.draw(others, count, random);
        int skipped = inRun ? self : run;
        // One of each part is looked at before any is given, so that the processor waits for all parts together.
        int ports = 0;
        for (int part = 0; part < draw.parts(); part++) {
            ports |= family.port(slots, at(beside(skipped, draw.place(part, 0))));
        }
        if (ports == 0) {
            throw new IllegalStateException("peers without ports");
        }
        for (int part = 0; part < draw.parts(); part++) {
            for (int neighbour = 0, share = draw.share(part); neighbour < share; neighbour++) {
                int at = at(beside(skipped, draw.place(part, neighbour)));
                if (self >= 0 || family.peer(slots, at) != peer || family.port(slots, at) != port) {
                    family.give(slots, at, reply);
                }
            }
        }
    }

    /** The slot at {@code place} when one is skipped. */
    private static int beside(int skipped, int place) {
        return place >= skipped ? place + 1 : place;
    }

    /** How many slots an asker chooses from: to one that wants nothing, only those who do are of use. */
    int run(boolean wantsNothing) {
        return wantsNothing ? counts[ACTIVE] : counts[ACTIVE] + counts[PAUSED] + counts[SEED];
    }

    private int end(int state) {
        int end = 0;
        for (int before = ACTIVE; before <= state; before++) {
            end += counts[before];
        }
        return end;
    }

    private int at(int slot) {
        return base + slot * family.width;
    }

    private int swap(int slot, int other) {
        if (slot != other) {
            if (crowd != null) {
                crowd.swapping(slot, other);
            }
            int a = at(slot);
            int b = at(other);
            for (int word = 0; word < family.width; word++) {
                long kept = slots[a + word];
                slots[a + word] = slots[b + word];
                slots[b + word] = kept;
            }
        }
        return other;
    }

    /** Moves the slots to a block with room for {@code room}. */
    private void move(int room) {
        int used = slots();
        int newSize = Blocks.sizeFor(room);
        if (crowd != null && newSize == Blocks.INDEXED) {
            crowd.resize(room, used);
            look();
            return;
        }
        long[] from = slots;
        int fromAt = base;
        int oldSize = size;
        int oldBlock = block;
        block = blocks.allocate(newSize, room);
        size = newSize;
        look();
        System.arraycopy(from, fromAt, slots, base, used * family.width);
        if (crowd != null) {
            for (int slot = 0; slot < used; slot++) {
                crowd.added(slot);
            }
        }
        blocks.release(oldSize, oldBlock);
    }
}
