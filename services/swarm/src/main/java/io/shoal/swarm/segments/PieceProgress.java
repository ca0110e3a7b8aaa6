package io.shoal.swarm.segments;

import io.shoal.swarm.slots.Loan;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What an open piece receives: it counts for the slots of the segments that are to have the piece. Any thread. */
final class PieceProgress {
    private final List<Loan> loans;
    private final AtomicLong receivedAt;

    PieceProgress(List<Loan> loans, long now) {
        this.loans = List.copyOf(loans);
        this.receivedAt = new AtomicLong(now);
    }

    void received(int bytes, long now) {
        loans.forEach(loan -> loan.received(bytes));
        receivedAt.set(now);
    }

    /**
     * Whether it delays a slot that is asked back: it must be dropped.
     *
     * @param stalled nanoseconds without a byte after which it does not end by itself
     */
    boolean delaysDrain(long now, long stalled) {
        for (Loan loan : loans) {
            if (loan.isDraining() && (loan.isOverdue(now) || now - receivedAt.get() >= stalled)) {
                return true;
            }
        }
        return false;
    }
}
