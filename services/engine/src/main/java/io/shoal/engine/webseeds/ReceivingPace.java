package io.shoal.engine.webseeds;

import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Makes a server wait while the torrent's download rate is spent, or the store is behind. What one read brings beyond a grant is a debt
 * that later grants pay before the next read.
 */
final class ReceivingPace implements RateTree.Waiter {
    /** After so long it is seen whether the store has caught up. */
    private static final Duration STORE_DELAY = Duration.ofMillis(20);

    private final Loop loop;
    private final Share share;
    private final BooleanSupplier mayReceive;
    private final Runnable changed;
    private int granted;
    private boolean waitsForTurn;
    private boolean waitsForStore;

    /**
     * @param mayReceive whether the store keeps up
     * @param changed called when {@link #isPaused} has changed
     */
    ReceivingPace(Loop loop, Share share, BooleanSupplier mayReceive, Runnable changed) {
        this.loop = loop;
        this.share = share;
        this.mayReceive = mayReceive;
        this.changed = changed;
    }

    /** Whether nothing should be read now. */
    boolean isPaused() {
        return waitsForTurn || waitsForStore;
    }

    /** So many bytes were read. */
    void received(int bytes) {
        boolean before = isPaused();
        if (share.isLimited()) {
            granted -= bytes;
            if (granted <= 0 && !waitsForTurn) {
                waitsForTurn = true;
                share.await(this);
            }
        } else if (!waitsForTurn) {
            granted = 0;
        }
        if (!waitsForStore && !mayReceive.getAsBoolean()) {
            waitsForStore = true;
            loop.schedule(STORE_DELAY, this::checkStore);
        }
        if (before != isPaused()) {
            changed.run();
        }
    }

    private void checkStore() {
        if (!waitsForStore) {
            return;
        }
        if (mayReceive.getAsBoolean()) {
            waitsForStore = false;
            notifyIfResumed();
        } else {
            loop.schedule(STORE_DELAY, this::checkStore);
        }
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public void granted() {
        if (!waitsForTurn) { // it was cancelled at the same moment
            share.refund(RateTree.QUANTUM);
            return;
        }
        granted += RateTree.QUANTUM;
        if (granted <= 0) {
            share.await(this);
        } else {
            waitsForTurn = false;
            notifyIfResumed();
        }
    }

    private void notifyIfResumed() {
        if (!isPaused()) {
            changed.run();
        }
    }

    /** Nothing is read for now: gives back what was granted, or pays what is owed. */
    void end() {
        if (waitsForTurn) {
            waitsForTurn = false;
            share.cancel(this);
        }
        waitsForStore = false;
        share.refund(granted);
        granted = 0;
    }
}
