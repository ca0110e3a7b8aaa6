package io.shoal.swarm.slots;

import io.shoal.swarm.slots.WaitingShares.Claim;
import io.shoal.swarm.slots.WaitingShares.Owner;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides which slots are asked back for the torrents that wait: those that make the least progress, of torrents that
 * had them for a turn.
 *
 * <p>A slot moves
 *
 * <ul>
 *   <li>to an owner that has at least two fewer, whatever progress it makes;
 *   <li>to a torrent without any slot, of the same owner or of one that has fewer: torrents take turns;
 *   <li>to a torrent of the same owner that makes more progress with each slot, but not the last slot of a torrent;
 *   <li>to the same torrent, if nothing happens in it.
 * </ul>
 *
 * So slots move in circles only at the pace of turns, and one torrent alone is never asked for a slot that grows.
 * One instance is one review, under the lock of {@link Slots}.
 */
final class Turns {
    /** For so long a torrent has a slot before it may be asked back: a peer of 1 MiB/s fills seven segments. */
    static final Duration TURN = Duration.ofMinutes(2);

    /** A slot that receives nothing for so long may be asked back earlier. */
    static final Duration IDLE = Duration.ofSeconds(60);

    /**
     * For so long open pieces of a slow torrent may take when an owner waits that has one slot less. A piece of 4 MiB
     * arrives at 2.3 KiB/s in this time.
     */
    static final Duration LAST_PIECE = Duration.ofMinutes(30);

    /** Waiting torrents that one review considers. */
    static final int WAITING = 256;

    private final Deque<Loan> draining = new ArrayDeque<>();
    private final List<Loan> due = new ArrayList<>();
    private final List<Loan> chosen = new ArrayList<>();
    private final Map<Owner, Integer> granted = new HashMap<>();
    private final Map<Slots.Share, Double> rates = new HashMap<>();
    private final long now;

    /** Free slots beyond the reserve; negative if slots are missing there. */
    private int spare;

    private Turns(Collection<Loan> loans, int spare, long now) {
        this.now = now;
        this.spare = spare;
        List<Loan> asked = new ArrayList<>();
        for (Loan loan : loans) {
            rates.merge(loan.share(), loan.rate(), Double::sum);
            if (loan.isDraining()) {
                asked.add(loan);
            } else if (loan.isStoring()) {
                this.spare++;
            } else if (loan.isFilling() && isDue(loan)) {
                due.add(loan);
            }
        }
        asked.sort(Comparator.comparingLong(loan -> loan.remainingPatience(now)));
        draining.addAll(asked);
        due.sort(Comparator.comparingDouble(Loan::rate).thenComparingLong(loan -> -loan.turnNanos(now)));
    }

    /**
     * Asks for slots back.
     *
     * @param loans all
     * @param waiting the torrents that wait, in order
     * @param spare free slots beyond the reserve; negative if a part of the reserve is lent
     * @return the slots that are asked back now
     */
    static List<Loan> drain(Collection<Loan> loans, List<Claim> waiting, int spare, long now) {
        Turns turns = new Turns(loans, spare, now);
        waiting.forEach(turns::serve);
        return turns.chosen;
    }

    private boolean isDue(Loan loan) {
        return loan.turnNanos(now) >= TURN.toNanos() || isIdle(loan);
    }

    private boolean isIdle(Loan loan) {
        return loan.idleNanos(now) >= IDLE.toNanos();
    }

    /** Finds slots for one torrent: spare ones, ones that are asked back already, and else others. */
    private void serve(Claim claim) {
        Slots.Share share = claim.share();
        int missing = claim.helps() ? 0 : Math.max(0, -spare); // the reserve is filled up first
        for (int i = 0; i < claim.need() + missing; i++) {
            if (spare > 0) {
                spare--;
            } else if (!draining.isEmpty()) {
                Loan loan = draining.removeFirst();
                loan.hurry(now, patience(loan, share));
            } else {
                Loan loan = victim(share);
                if (loan == null) {
                    return;
                }
                due.remove(loan);
                loan.drain(now, patience(loan, share));
                chosen.add(loan);
            }
            if (i < missing) {
                spare++;
            } else {
                granted.merge(share.owner(), 1, Integer::sum);
            }
        }
    }

    private @Nullable Loan victim(Slots.Share waiting) {
        for (Loan loan : due) {
            if (mayMove(loan, waiting)) {
                return loan;
            }
        }
        return null;
    }

    private boolean mayMove(Loan loan, Slots.Share to) {
        Slots.Share from = loan.share();
        if (from == to) {
            return isIdle(loan);
        }
        int more = expected(from.owner()) - expected(to.owner());
        if (more >= 2) {
            return true;
        }
        if (from.owner() != to.owner()) {
            return more == 1 && to.kept() == 0;
        }
        return to.kept() == 0 || from.kept() > 1 && loan.rate() < rate(to) / to.kept();
    }

    /** Returns how many slots {@code owner} will have when the slots that are asked back have moved. */
    private int expected(Owner owner) {
        return owner.held - owner.draining + granted(owner);
    }

    /** Returns how many slots {@code owner} will get. */
    private int granted(Owner owner) {
        return granted.getOrDefault(owner, 0);
    }

    /** Returns the bytes per second of all slots of {@code share}. */
    private double rate(Slots.Share share) {
        return rates.getOrDefault(share, 0.0);
    }

    /**
     * Returns how long open pieces of {@code loan} may take: torrents of one owner wait for the end of a piece however
     * long it takes, because it would be downloaded again.
     */
    private long patience(Loan loan, Slots.Share waiting) {
        Owner from = loan.share().owner();
        Owner to = waiting.owner();
        if (from == to) {
            return Long.MAX_VALUE;
        }
        return (from.held - to.held - granted(to) >= 2 ? TURN : LAST_PIECE).toNanos();
    }
}
