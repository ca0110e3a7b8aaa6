package io.shoal.tracker.accounting;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Totals that wait to be published: the newest of each session, since they are absolute. How many sessions may wait is bounded;
 * beyond it the one that waits longest is given up, which later totals of the session make good. Any thread may call.
 */
public final class Ledger {
    private final int room;
    private final ReentrantLock lock = new ReentrantLock();
    private Map<Session, Totals> waiting = new LinkedHashMap<>();
    private long givenUp;

    /**
     * @param room for so many sessions, at least 1
     */
    public Ledger(int room) {
        this.room = room;
    }

    /** {@code session} has come to {@code totals}. */
    public void post(Session session, Totals totals) {
        lock.lock();
        try {
            waiting.put(session, totals);
            giveUpBeyondRoom();
        } finally {
            lock.unlock();
        }
    }

    /** Takes all that waits. */
    public Map<Session, Totals> take() {
        lock.lock();
        try {
            Map<Session, Totals> taken = waiting;
            waiting = new LinkedHashMap<>();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** What was taken could not be published: it waits again, unless there is something newer. */
    public void putBack(Map<Session, Totals> taken) {
        lock.lock();
        try {
            taken.forEach(waiting::putIfAbsent);
            giveUpBeyondRoom();
        } finally {
            lock.unlock();
        }
    }

    private void giveUpBeyondRoom() {
        var oldest = waiting.entrySet().iterator();
        while (waiting.size() > room) {
            oldest.next();
            oldest.remove();
            givenUp++;
        }
    }

    /** How many sessions wait. */
    public int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the number of totals that were dropped for lack of room. */
    public long givenUp() {
        lock.lock();
        try {
            return givenUp;
        } finally {
            lock.unlock();
        }
    }
}
