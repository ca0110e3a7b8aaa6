package io.shoal.storage.catalog;

import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * Remembers the last change of each key of one partition, so that a record that repeats it needs no database. Most records do: they
 * report figures that the catalog does not keep.
 *
 * <p>A change is remembered as 64 bits of a hash with a random seed, and so is its key: 16 bytes a slice, 24 to 48 with the free
 * places of the table. The key is part of the hash of the change, with another seed: two keys with one hash share a place, where each
 * change looks new. Used by one thread.
 */
public final class LastChanges {
    private static final int FIRST_CAPACITY = 64;
    private static final long NOTHING = 0;
    private static final int TORRENT = -1;

    private final long seed = new SplittableRandom().nextLong();
    private final long changeSeed = mix(seed);
    private long[] keys = new long[FIRST_CAPACITY];
    private long[] changes = new long[FIRST_CAPACITY];
    private int used;

    /**
     * Remembers {@code change} as the last one of its key, and returns whether it is another than the one before. A removal always
     * counts as another one, because it is sent again to have the torrent purged again. A withdrawal does too, and has its key
     * forgotten.
     */
    public boolean isNews(Change change) {
        if (change instanceof Change.Withdrawn) {
            forget(key(change));
            return true;
        }
        int place = place(key(change));
        long fingerprint = fingerprint(change);
        boolean same = changes[place] == fingerprint && fingerprint != NOTHING;
        changes[place] = fingerprint;
        return !same;
    }

    /** Returns how many keys the table has places for. */
    int capacity() {
        return keys.length;
    }

    private void forget(long key) {
        int place = find(key);
        if (keys[place] == key) {
            changes[place] = NOTHING;
        }
    }

    private int place(long key) {
        int place = find(key);
        if (keys[place] == NOTHING) {
            if (used * 3L >= keys.length * 2L) {
                rehash();
                place = find(key);
            }
            keys[place] = key;
            used++;
        }
        return place;
    }

    private int find(long key) {
        int place = (int) key & (keys.length - 1);
        while (keys[place] != NOTHING && keys[place] != key) {
            place = (place + 1) & (keys.length - 1);
        }
        return place;
    }

    /** Drops the keys of which nothing is remembered, and makes room. */
    private void rehash() {
        long[] oldKeys = keys;
        long[] oldChanges = changes;
        int live = 0;
        for (long change : oldChanges) {
            live += change == NOTHING ? 0 : 1;
        }
        int capacity = live * 3L >= oldKeys.length ? oldKeys.length * 2 : oldKeys.length;
        keys = new long[capacity];
        changes = new long[capacity];
        used = live;
        for (int old = 0; old < oldKeys.length; old++) {
            if (oldChanges[old] != NOTHING) {
                int place = find(oldKeys[old]);
                keys[place] = oldKeys[old];
                changes[place] = oldChanges[old];
            }
        }
    }

    private long key(Change change) {
        return something(hash(seed, change));
    }

    /** Returns a hash of the key of {@code change}. */
    private static long hash(long seed, Change change) {
        int slice = switch (change) {
            case Change.Observed observed -> observed.slice();
            case Change.Withdrawn withdrawn -> withdrawn.slice();
            case Change.Desired desired -> TORRENT;
            case Change.Ended ended -> TORRENT;
        };
        return text(mix(seed ^ slice), change.torrent().value());
    }

    private long fingerprint(Change change) {
        return switch (change) {
            case Change.Ended ended -> NOTHING;
            case Change.Withdrawn withdrawn -> NOTHING;
            case Change.Desired desired ->
                desired.removed()
                        ? NOTHING
                        : something(text(
                                numbers(
                                        hash(changeSeed, change),
                                        desired.generation().value(),
                                        desired.rev(),
                                        0),
                                desired.infoKey()));
            case Change.Observed observed -> {
                long hash = numbers(
                        hash(changeSeed, change), observed.generation().value(), observed.epoch(), observed.check());
                BitSet stored = observed.stored().toBitSet();
                for (long word : stored.toLongArray()) {
                    hash = mix(hash ^ word);
                }
                yield something(hash);
            }
        };
    }

    private static long numbers(long hash, long first, long second, long third) {
        return mix(mix(mix(hash ^ first) ^ second) ^ third);
    }

    private static long text(long hash, String text) {
        long mixed = hash;
        for (int i = 0; i < text.length(); i++) {
            mixed = (mixed ^ text.charAt(i)) * 0x9e3779b97f4a7c15L;
            mixed ^= mixed >>> 29;
        }
        return mix(mixed);
    }

    /** A bijection in which each bit of {@code x} changes about half of the bits (SplitMix64). */
    private static long mix(long x) {
        long z = x + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static long something(long hash) {
        return hash == NOTHING ? 1 : hash;
    }
}
