package io.shoal.intake.progress;

import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import jakarta.enterprise.context.ApplicationScoped;

/** Receives the reports of the whole fleet for the board, and passes on figures that require an action. */
@ApplicationScoped
public class StatusHandler {
    private final StatusBoard board;
    private final Transitions transitions;
    private final ChangedTotals totals;

    StatusHandler(StatusBoard board, Transitions transitions, ChangedTotals totals) {
        this.board = board;
        this.transitions = transitions;
        this.totals = totals;
    }

    /** Handles a status that was read; throws {@link IllegalArgumentException} if no slice of this platform can have it. */
    public void observe(SliceKey key, StatusRecord status) {
        board.put(key, status);
    }

    /** Handles the tombstone of a slice. */
    public void ended(SliceKey key) {
        board.remove(key);
        totals.remove(key);
    }

    /** Handles the figures of a slice of {@code partition} that were read; throws as {@link #observe}. */
    public void observe(int partition, SliceKey key, ProgressRecord.Slice figures) {
        if (board.put(key, figures)) {
            totals.add(key, partition, figures.gen(), figures.epoch(), figures.totals());
            transitions.sent(key, figures.totals().up());
        }
    }
}
