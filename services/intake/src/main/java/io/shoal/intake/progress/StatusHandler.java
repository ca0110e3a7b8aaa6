package io.shoal.intake.progress;

import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Receives the reports of the fleet, and passes on those that require an action. */
@ApplicationScoped
public class StatusHandler {
    private final StatusBoard board;
    private final Transitions transitions;
    private final Counters counters;

    StatusHandler(StatusBoard board, Transitions transitions, Counters counters) {
        this.board = board;
        this.transitions = transitions;
        this.counters = counters;
    }

    /** Handles a status that was read. */
    public void observe(SliceKey key, StatusRecord status) {
        Optional<StatusRecord> before = board.of(key);
        Optional<StatusRecord> now = board.put(key, status);
        if (now.isEmpty()) {
            return;
        }
        counters.markDirty(key);
        if (before.isEmpty() || mayMove(before.get(), now.get()) || mayComplete(key, before.get(), now.get())) {
            transitions.consider(key);
        }
    }

    /** Handles the tombstone of a slice. */
    public void ended(SliceKey key) {
        board.remove(key);
        transitions.ended(key);
    }

    /** Whether a transfer may have all that it wants, while others of its torrent still wait. */
    private boolean mayComplete(SliceKey key, StatusRecord before, StatusRecord now) {
        return transitions.isShared(key) && !now.stored().equals(before.stored());
    }

    /** Returns whether a transfer's state, stall or goal can depend on the difference. */
    private static boolean mayMove(StatusRecord before, StatusRecord now) {
        boolean gave = now.state() == StatusRecord.State.SEEDING
                && now.totals().up() != before.totals().up();
        return gave
                || before.state() != now.state()
                || before.reason() != now.reason()
                || before.rev() != now.rev()
                || !before.gen().equals(now.gen());
    }
}
