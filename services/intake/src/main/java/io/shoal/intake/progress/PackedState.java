package io.shoal.intake.progress;

import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The state of a slice and the reason why it makes no progress, in {@link #BITS} bits. */
final class PackedState {
    static final int BITS = 8;

    private static final int REASON_BITS = 4;
    private static final List<State> STATES = List.of(State.values());
    private static final List<Reason> REASONS = List.of(Reason.values());

    private PackedState() {}

    static int of(State state, @Nullable Reason reason) {
        return STATES.indexOf(state) << REASON_BITS | (reason == null ? 0 : REASONS.indexOf(reason) + 1);
    }

    static State state(int packed) {
        return STATES.get(packed >>> REASON_BITS);
    }

    static @Nullable Reason reason(int packed) {
        int number = packed & (1 << REASON_BITS) - 1;
        return number == 0 ? null : REASONS.get(number - 1);
    }
}
