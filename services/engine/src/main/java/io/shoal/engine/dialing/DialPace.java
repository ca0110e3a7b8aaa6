package io.shoal.engine.dialing;

import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Loop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * The pace at which one engine dials: {@link EngineLimits#DIALS_PER_SECOND}, because routers and trackers' networks
 * take more for an attack, and at most {@link EngineLimits#DIALS_HALF_OPEN} that are not open yet. Owners take turns,
 * and torrents of one owner take turns.
 *
 * <p>Invariant: no second has more dials than that, wherever it begins. Any thread.
 */
public final class DialPace {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Loop timer;

    // All below is guarded by this.
    private final SequencedMap<String, SequencedSet<Dialler>> waiting = new LinkedHashMap<>();
    private final Deque<Long> dialledAt = new ArrayDeque<>();
    private int halfOpen;
    private int granted;
    private boolean scheduled;

    /** A torrent that dials. */
    public interface Dialler {
        /** The torrent's owner, with whose torrents it takes turns. */
        String owner();

        Loop loop();

        /**
         * One address may be dialled now; called on {@link #loop}. A torrent that dials none gets no more turns until it
         * requests again.
         *
         * @return whether one was dialled: then {@link DialPace#ended} must be called when it is open or has failed
         */
        boolean dial();
    }

    /** @param timer whose clock counts */
    public DialPace(Loop timer) {
        this.timer = timer;
    }

    /** {@code dialler} wants to dial. It gets turns until it uses one for nothing. */
    public synchronized void request(Dialler dialler) {
        waiting.computeIfAbsent(dialler.owner(), owner -> new LinkedHashSet<>()).add(dialler);
        grant();
    }

    /** A dial is open, or has failed. */
    public synchronized void ended() {
        halfOpen--;
        grant();
    }

    private void grant() {
        long now = timer.nanoTime();
        while (!dialledAt.isEmpty() && now - dialledAt.getFirst() >= SECOND) {
            dialledAt.removeFirst();
        }
        while (!waiting.isEmpty()
                && halfOpen + granted < EngineLimits.DIALS_HALF_OPEN
                && dialledAt.size() + granted < EngineLimits.DIALS_PER_SECOND) {
            Dialler next = next();
            granted++;
            next.loop().execute(() -> use(next));
        }
        if (!waiting.isEmpty()
                && !scheduled
                && !dialledAt.isEmpty()
                && dialledAt.size() + granted >= EngineLimits.DIALS_PER_SECOND) {
            scheduled = true;
            timer.schedule(Duration.ofNanos(SECOND - (now - dialledAt.getFirst())), this::resume);
        }
    }

    private synchronized void resume() {
        scheduled = false;
        grant();
    }

    /** Returns whose turn it is: of the owner that waits longest, the torrent that waits longest. Both wait again. */
    private Dialler next() {
        var owner = waiting.firstEntry();
        waiting.putLast(owner.getKey(), owner.getValue());
        Dialler next = owner.getValue().getFirst();
        owner.getValue().addLast(next);
        return next;
    }

    private void remove(Dialler dialler) {
        SequencedSet<Dialler> ofOwner = waiting.get(dialler.owner());
        if (ofOwner != null && ofOwner.remove(dialler) && ofOwner.isEmpty()) {
            waiting.remove(dialler.owner());
        }
    }

    private void use(Dialler dialler) {
        synchronized (this) {
            // Counted before the dial, which may fail before it returns.
            granted--;
            halfOpen++;
            dialledAt.addLast(timer.nanoTime());
        }
        boolean dialled = false;
        try {
            dialled = dialler.dial();
        } finally {
            settle(dialler, dialled);
        }
    }

    private synchronized void settle(Dialler dialler, boolean dialled) {
        if (!dialled) {
            remove(dialler);
            halfOpen--;
            dialledAt.pollLast();
        }
        grant();
    }
}
