package io.shoal.swarm.slots;

import io.shoal.swarm.slots.WaitingShares.Claim;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lends the slots of one worker to its torrents: a torrent gets all slots that a piece needs or none, so it never holds
 * slots while it waits for more.
 *
 * <p>As long as no torrent waits, any torrent takes free slots, except the last tenth: these are the reserve for
 * segments that are open, because such segments return slots when they are full. A torrent that is refused stands in
 * line ({@link WaitingShares}). Free slots are offered to the first in line alone, which tries once: what it does not
 * take is offered to the next. While torrents wait, {@link #review} asks for slots back, by progress ({@link Turns}).
 *
 * <p>Invariant: {@code promised} counts the free slots that are offered to torrents and not yet taken, and
 * {@link WaitingShares.Owner#held} the slots that an owner's torrents hold or are offered.
 *
 * <p>Used by all loops: every method takes the one lock, and torrents are notified outside of it. Acquiring and
 * releasing take constant time, or O(log owners) while torrents wait; a review takes O(slots log slots), and looks at all
 * slots for each of at most {@link Turns#WAITING} torrents.
 */
public final class Slots {
    /** The time between two reviews. */
    public static final Duration REVIEW = Duration.ofSeconds(5);

    private final int count;
    private final int reserve;
    private final LongSupplier nanoClock;

    // All below is guarded by this.
    private final ArrayDeque<Integer> free =
            new ArrayDeque<>(); // last in, first out, so that few disk blocks are touched
    private final Set<Loan> loans = new LinkedHashSet<>();
    private final WaitingShares waiting = new WaitingShares();
    private int promised;
    private long drains;

    /**
     * Creates the slots of a scratch file, all free.
     *
     * @param nanoClock monotonic, in nanoseconds
     */
    public Slots(int count, LongSupplier nanoClock) {
        this.count = count;
        this.reserve = Math.max(1, count / 10);
        this.nanoClock = nanoClock;
        for (int slot = 0; slot < count; slot++) {
            free.addLast(slot);
        }
    }

    /** Returns the number of slots. */
    public int count() {
        return count;
    }

    /** Returns the number of free slots. */
    public synchronized int free() {
        return free.size();
    }

    /** Returns the number of torrents that wait for slots. */
    public synchronized int waiting() {
        return waiting.size();
    }

    /** Returns how many slots were asked back since the worker started. */
    public synchronized long drains() {
        return drains;
    }

    /** Creates the share of one torrent of {@code owner}. */
    public synchronized Share share(String owner, Borrower borrower) {
        return new Share(waiting.join(owner), borrower);
    }

    /**
     * Measures the progress of all slots, and asks slots back for waiting torrents. Must be called every
     * {@link #REVIEW}, once for the worker.
     */
    public void review() {
        List<Loan> asked;
        synchronized (this) {
            long now = nanoClock.getAsLong();
            loans.forEach(loan -> loan.measure(now));
            if (waiting.size() == 0) {
                return;
            }
            asked = Turns.drain(loans, waiting.inOrder(Turns.WAITING), free.size() - promised - reserve, now);
            drains += asked.size();
        }
        Set<Share> notified = new LinkedHashSet<>();
        asked.forEach(loan -> notified.add(loan.share()));
        notified.forEach(share -> share.borrower.drain());
    }

    /** Offers free slots to the first in line, as long as there are enough; {@link #notifyOffered} must follow. */
    private List<Share> offerFree() {
        List<Share> offered = List.of();
        for (Claim next = waiting.first(); next != null && fits(next); next = waiting.first()) {
            waiting.remove(next);
            next.share().promise(next);
            if (offered.isEmpty()) {
                offered = new ArrayList<>();
            }
            offered.add(next.share());
        }
        return offered;
    }

    private static void notifyOffered(List<Share> offered) {
        offered.forEach(share -> share.borrower.offered());
    }

    private boolean fits(Claim claim) {
        return claim.need() <= free.size() - promised - (claim.helps() ? 0 : reserveFor(claim.share().owner));
    }

    /** An owner without any slot may use half of the reserve: it need not wait for the slots of others. */
    private int reserveFor(WaitingShares.Owner owner) {
        return owner.held == 0 ? reserve - reserve / 2 : reserve;
    }

    /** Is notified about the slots of one torrent. Called on any thread; must not block. */
    public interface Borrower {
        /** The torrent may try once to acquire the slots for which it waits; {@link Share#endTry} must follow. */
        void offered();

        /** {@link Loan#isDraining Draining} slots of the torrent must be released as soon as no piece uses them. */
        void drain();
    }

    /** The slots of one torrent. */
    public final class Share {
        private final WaitingShares.Owner owner;
        private final Borrower borrower;
        private boolean closed;

        // Guarded by the slots.
        private int held;
        private int offered;
        private boolean offeredToOpen;

        /** Slots that it holds and is asked for. */
        int draining;

        /** Its place among the torrents that wait to open segments: the lower, the longer it has waited. */
        long ticket;

        private Share(WaitingShares.Owner owner, Borrower borrower) {
            this.owner = owner;
            this.borrower = borrower;
        }

        WaitingShares.Owner owner() {
            return owner;
        }

        /**
         * Acquires {@code wanted} slots, or none.
         *
         * @param helpsOpen whether they help to fill a segment that is open already
         * @return the slots; null if the torrent must wait
         */
        public @Nullable List<Loan> acquire(int wanted, boolean helpsOpen) {
            List<Loan> acquired;
            List<Share> offers;
            synchronized (Slots.this) {
                if (closed) {
                    return null;
                }
                acquired = mayTake(new Claim(this, wanted, helpsOpen)) ? take(wanted) : null;
                offers = offerFree();
            }
            notifyOffered(offers);
            return acquired;
        }

        /** Returns whether the slots can be taken now; otherwise the torrent stands in line. */
        private boolean mayTake(Claim claim) {
            boolean ahead = offeredToOpen;
            if (withdrawOffer() && fits(claim)) {
                return true;
            }
            waiting.add(claim, ahead);
            if (!claim.equals(waiting.first()) || !fits(claim)) {
                return false;
            }
            waiting.remove(claim);
            return true;
        }

        private void promise(Claim claim) {
            offered += claim.need();
            offeredToOpen |= !claim.helps();
            promised += claim.need();
            waiting.changeHeld(owner, claim.need());
        }

        private boolean withdrawOffer() {
            if (offered == 0) {
                return false;
            }
            promised -= offered;
            waiting.changeHeld(owner, -offered);
            offered = 0;
            offeredToOpen = false;
            return true;
        }

        private List<Loan> take(int wanted) {
            long now = nanoClock.getAsLong();
            List<Loan> taken = new ArrayList<>(wanted);
            for (int i = 0; i < wanted; i++) {
                Loan loan = new Loan(this, free.removeFirst(), now);
                loans.add(loan);
                taken.add(loan);
            }
            held += wanted;
            waiting.changeHeld(owner, wanted);
            return taken;
        }

        /** The torrent has tried to acquire the slots that were offered: what it has not taken goes to the next. */
        public void endTry() {
            List<Share> offers;
            synchronized (Slots.this) {
                offers = withdrawOffer() ? offerFree() : List.of();
            }
            notifyOffered(offers);
        }

        /**
         * A piece could begin in the segment of {@code loan}, which may be draining. It is not drained any more if the
         * slot is not needed by another torrent, or if another slot is offered to this one instead.
         *
         * @return whether the piece may begin; otherwise the torrent stands in line
         */
        public boolean keep(Loan loan) {
            if (!loan.isDraining()) {
                return true;
            }
            boolean kept;
            List<Share> offers;
            synchronized (Slots.this) {
                kept = !closed && (withdrawOffer() || !waiting.hasOthers(this));
                if (kept) {
                    loan.keep(nanoClock.getAsLong());
                } else if (!closed) {
                    waiting.add(new Claim(this, 1, false), false);
                }
                offers = offerFree();
            }
            notifyOffered(offers);
            return kept;
        }

        /** Releases one slot. */
        void release(Loan loan) {
            List<Share> offers;
            synchronized (Slots.this) {
                if (!loans.remove(loan)) {
                    throw new IllegalStateException("slot " + loan.slot() + " was released before");
                }
                loan.endDraining();
                held--;
                free.addFirst(loan.slot());
                waiting.changeHeld(owner, -1);
                if (closed) {
                    waiting.forgetIfUnused(owner);
                }
                offers = offerFree();
            }
            notifyOffered(offers);
        }

        /** The torrent needs no more slots for now. */
        public void stopWaiting() {
            List<Share> offers;
            synchronized (Slots.this) {
                offers = leaveLine();
            }
            notifyOffered(offers);
        }

        private List<Share> leaveLine() {
            waiting.removeWaiting(this);
            waiting.removeHelping(this);
            withdrawOffer();
            return offerFree();
        }

        /** The torrent acquires no more slots; those that it holds are released one by one. */
        public void close() {
            List<Share> offers;
            synchronized (Slots.this) {
                if (closed) {
                    return;
                }
                closed = true;
                offers = leaveLine();
                waiting.leave(owner);
            }
            notifyOffered(offers);
        }

        /** Whether it stands in line, or is offered slots that it has not taken yet. */
        public boolean isWaiting() {
            synchronized (Slots.this) {
                return offered > 0 || waiting.contains(this);
            }
        }

        /** Whether any of its slots is asked back. */
        public boolean isAsked() {
            synchronized (Slots.this) {
                return draining > 0;
            }
        }

        /** Returns the slots that it holds or is offered and is not asked to return. */
        int kept() {
            return held + offered - draining;
        }

        Object lock() {
            return Slots.this;
        }
    }
}
