package io.shoal.tracker.waiting;

import io.shoal.contracts.PasskeyHash;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The announces that wait for a registration. A client that is refused may stay away for half an hour, and a seed often starts
 * in the second in which its torrent is submitted, before the registration has reached this replica; so its announce is kept for
 * a moment. A place is taken before the admission rules are asked again, and a registration is in force before it wakes the
 * places, so none is missed.
 *
 * <p>Thread-safe. An announce that is not refused never comes here; the lock is held for a few map operations. The number of
 * waiting announces is bounded by {@link WaitingLimits}, whatever clients send.
 */
public final class WaitingPlaces implements AutoCloseable {
    /** How a wait ended. */
    public enum Outcome {
        /** The registration arrived, and the announce was answered. */
        SERVED,
        /** The announce was refused for another reason, such as a denied torrent. */
        REFUSED,
        /** The registration did not arrive in time. */
        TIMED_OUT,
        /** The client left, or the tracker failed to answer. */
        ABANDONED
    }

    private final WaitingLimits limits;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<SwarmKey, Set<Place>> byTorrent = new HashMap<>();
    private final Map<PasskeyHash, Set<Place>> byPasskey = new HashMap<>();
    private final Map<Address, Integer> perAddress = new HashMap<>();
    private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);
    private final LongAdder noRoom = new LongAdder();
    private int taken; // guarded by the lock
    private volatile boolean closed;

    /**
     * @param clock milliseconds that never run backwards
     */
    public WaitingPlaces(WaitingLimits limits, LongSupplier clock) {
        this.limits = limits;
        this.clock = clock;
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(outcome, new LongAdder());
        }
    }

    /** A place that was taken. Its owner must {@link #leave} it, once; further calls do nothing. */
    public final class Place {
        private final SwarmKey torrent;
        private final @Nullable PasskeyHash passkey;
        private final Address network;
        private final Runnable wake;
        private final long deadline;
        private boolean left; // guarded by the lock

        private Place(SwarmKey torrent, @Nullable PasskeyHash passkey, Address network, Runnable wake, long deadline) {
            this.torrent = torrent;
            this.passkey = passkey;
            this.network = network;
            this.wake = wake;
            this.deadline = deadline;
        }

        /** Returns whether its time has passed or the tracker stops, so that the announce must be answered now. */
        public boolean isOver() {
            return closed || clock.getAsLong() >= deadline;
        }

        /** Milliseconds that have passed since its time was over; negative before. */
        public long overdue() {
            return clock.getAsLong() - deadline;
        }

        /** Gives the place back. */
        public void leave(Outcome outcome) {
            lock.lock();
            try {
                if (left) {
                    return;
                }
                left = true;
                release(this);
            } finally {
                lock.unlock();
            }
            adder(outcome).increment();
        }
    }

    /** Whether any announce waits. */
    public boolean isEnabled() {
        return !limits.time().isZero();
    }

    /**
     * Takes a place for an announce from {@code source}; null if there is none, or the tracker stops.
     *
     * @param wake is called by another thread when something about the torrent or passkey has changed, and when the tracker
     *     stops; must return at once
     */
    public @Nullable Place take(SwarmKey torrent, @Nullable PasskeyHash passkey, Address source, Runnable wake) {
        Address network = source.network();
        lock.lock();
        try {
            if (!closed && hasRoom(torrent, network)) {
                long deadline = clock.getAsLong() + limits.time().toMillis();
                Place place = new Place(torrent, passkey, network, wake, deadline);
                byTorrent.computeIfAbsent(torrent, key -> new HashSet<>()).add(place);
                if (passkey != null) {
                    byPasskey.computeIfAbsent(passkey, key -> new HashSet<>()).add(place);
                }
                perAddress.merge(network, 1, Integer::sum);
                taken++;
                return place;
            }
        } finally {
            lock.unlock();
        }
        noRoom.increment();
        return null;
    }

    private boolean hasRoom(SwarmKey torrent, Address network) {
        Set<Place> same = byTorrent.get(torrent);
        return taken < limits.all()
                && perAddress.getOrDefault(network, 0) < limits.perAddress()
                && (same == null || same.size() < limits.perTorrent());
    }

    private void release(Place place) {
        taken--;
        remove(byTorrent, place.torrent, place);
        if (place.passkey != null) {
            remove(byPasskey, place.passkey, place);
        }
        perAddress.computeIfPresent(place.network, (network, count) -> count == 1 ? null : count - 1);
    }

    private static <K> void remove(Map<K, Set<Place>> places, K key, Place place) {
        places.computeIfPresent(key, (k, set) -> {
            set.remove(place);
            return set.isEmpty() ? null : set;
        });
    }

    /** What is known of {@code torrent} has changed. */
    public void torrentChanged(SwarmKey torrent) {
        wake(byTorrent, torrent);
    }

    /** What is known of {@code passkey} has changed. */
    public void passkeyChanged(PasskeyHash passkey) {
        wake(byPasskey, passkey);
    }

    private <K> void wake(Map<K, Set<Place>> places, K key) {
        List<Place> woken;
        lock.lock();
        try {
            woken = List.copyOf(places.getOrDefault(key, Set.of()));
        } finally {
            lock.unlock();
        }
        woken.forEach(place -> place.wake.run());
    }

    /** All that wait are answered now, and no announce waits any more. */
    @Override
    public void close() {
        List<Place> woken = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            byTorrent.values().forEach(woken::addAll);
        } finally {
            lock.unlock();
        }
        woken.forEach(place -> place.wake.run());
    }

    /** How many announces wait. */
    public int size() {
        lock.lock();
        try {
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** How many waits have ended in this way. */
    public long ended(Outcome outcome) {
        return adder(outcome).sum();
    }

    /** How many announces were refused at once because too many wait. */
    public long withoutRoom() {
        return noRoom.sum();
    }

    private LongAdder adder(Outcome outcome) {
        LongAdder adder = outcomes.get(outcome);
        if (adder == null) {
            throw new IllegalStateException("every outcome has its adder");
        }
        return adder;
    }
}
