package io.shoal.intake.changes;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What has changed about one transfer.
 *
 * @param changed whether it was added or changed, and was in the library
 * @param removed whether it was removed
 * @param lost labels that it has lost, or had when it was removed
 */
public record Change(UUID transfer, boolean changed, boolean removed, List<String> lost) {
    /** Returns whether a reader who sees only the transfers with {@code label} sees it no longer; null: a reader who sees all. */
    public boolean isRemovedFor(@Nullable String label) {
        return label == null ? removed : lost.contains(label);
    }
}
