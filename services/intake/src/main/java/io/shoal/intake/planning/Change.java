package io.shoal.intake.planning;

import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.SegmentShare;
import io.shoal.intake.transfers.Goals;
import io.shoal.intake.transfers.Labels;
import io.shoal.intake.transfers.RateLimits;
import io.shoal.intake.transfers.TooManyLabelsException;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.intake.wishes.Selection;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant changes of its wishes about a transfer, and of how it finds the transfer; null leaves things as they are.
 *
 * @param goals the new seeding goals
 */
public record Change(
        @Nullable Selection wanted, @Nullable Boolean paused, Seeding goals, Filing filing, Running running) {

    /**
     * Returns the change that leaves a transfer visible in {@code library}.
     *
     * @throws TooManyLabelsException it would have too many labels
     */
    Change in(VisibleLibrary library) {
        return new Change(wanted, paused, goals, filing.in(library), running);
    }

    /** Goals that are set, or withdrawn; null leaves a goal as it is. */
    public record Seeding(
            @Nullable Ratio ratio,
            @Nullable Time seeding,
            @Nullable Time idle) {
        /** Everything stays. */
        public static final Seeding SAME = new Seeding(null, null, null);

        Goals after(Goals before) {
            return new Goals(
                    ratio == null ? before.ratio() : ratio.value,
                    seeding == null ? before.seedingSeconds() : seeding.seconds,
                    idle == null ? before.idleSeconds() : idle.seconds);
        }
    }

    /** A goal of a ratio, or none: null. */
    public record Ratio(@Nullable Double value) {}

    /** A goal of time, or none: null. */
    public record Time(@Nullable Long seconds) {}

    /**
     * How the tenant finds the transfer from now on.
     *
     * @param labels all labels that it has then
     * @param category the name of its category then
     * @param displayName its name then
     */
    public record Filing(
            @Nullable Labels labels,
            @Nullable Name category,
            @Nullable Name displayName) {
        /** Everything stays. */
        public static final Filing NONE = new Filing(null, null, null);

        private Filing in(VisibleLibrary library) {
            return labels == null ? this : new Filing(library.keeping(labels), category, displayName);
        }
    }

    /**
     * How it runs from now on.
     *
     * @param forced whether before all others that are not, and after its seeding goals
     * @param downRate bytes per second; 0 for no limit
     * @param upRate bytes per second; 0 for no limit
     */
    public record Running(
            @Nullable Boolean forced,
            @Nullable Long downRate,
            @Nullable Long upRate) {
        /** Everything stays. */
        public static final Running SAME = new Running(null, null, null);

        boolean limits() {
            return downRate != null || upRate != null;
        }

        private void applyTo(Transfer transfer) {
            if (forced != null) {
                transfer.force(forced);
            }
            if (limits()) {
                RateLimits before = transfer.rates();
                transfer.limit(new RateLimits(
                        downRate == null ? before.down() : downRate, upRate == null ? before.up() : upRate));
            }
        }
    }

    /** A name that is given, or taken away: null. */
    public record Name(@Nullable String text) {}

    /** Applies to a transfer that is not planned what has nothing to do with its search. */
    void applyTo(Transfer transfer) {
        if (wanted != null) {
            transfer.want(wanted.after(transfer.wanted()), SegmentShare.UNKNOWN, true);
        }
        setGoals(transfer);
    }

    /** Sets its goals, and how it runs. */
    void setGoals(Transfer transfer) {
        if (!goals.equals(Seeding.SAME)) {
            transfer.seedTo(goals.after(transfer.goals()));
        }
        running.applyTo(transfer);
    }

    /** Returns whether the transfer, of a torrent that is not known yet, would want no file any more. */
    boolean wantsNothing(Transfer transfer) {
        return wanted != null && !wanted.after(transfer.wanted()).wantsAny();
    }

    /** Returns whether the transfer, whose files are known, would want none of them any more. */
    boolean wantsNothing(Transfer transfer, FileLayout layout) {
        return wanted != null
                && layout.files(wanted.after(transfer.wanted(), layout.files().size()))
                        .isEmpty();
    }

    /** Returns whether the fleet may have to do something else afterwards. */
    boolean isForFleet() {
        return wanted != null || paused != null || !goals.equals(Seeding.SAME) || !running.equals(Running.SAME);
    }
}
