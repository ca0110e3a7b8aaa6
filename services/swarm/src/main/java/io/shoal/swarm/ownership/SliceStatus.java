package io.shoal.swarm.ownership;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.records.StatusRecord.Tracker;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The status of a slice: {@link StatusRecord} without the fields that only its owner adds. What changes from second to
 * second is in {@link SliceFigures}.
 */
public record SliceStatus(
        Generation gen,
        long rev,
        State state,
        @Nullable Reason reason,
        Bits stored,
        int check,
        Totals totals,
        List<Tracker> trackers,
        @Nullable String infoKey) {

    public SliceStatus {
        trackers = List.copyOf(trackers);
    }

    /** Returns what {@code record} says of the slice. */
    static SliceStatus of(StatusRecord record) {
        return new SliceStatus(
                record.gen(),
                record.rev(),
                record.state(),
                record.reason(),
                record.stored(),
                record.check(),
                record.totals(),
                record.trackers(),
                record.infoKey());
    }

    /** Returns the same with other totals. */
    SliceStatus with(Totals other) {
        return new SliceStatus(gen, rev, state, reason, stored, check, other, trackers, infoKey);
    }

    /** Returns the record that an owner of this name and epoch sends. */
    public StatusRecord toRecord(String worker, long epoch) {
        return new StatusRecord(1, gen, rev, epoch, worker, state, reason, stored, check, totals, trackers, infoKey);
    }

    /** Whether they differ in more than totals and times, so that the change must be published soon. */
    boolean differsMateriallyFrom(SliceStatus before) {
        return state != before.state
                || reason != before.reason
                || rev != before.rev
                || check != before.check
                || !gen.equals(before.gen)
                || !stored.equals(before.stored)
                || !Objects.equals(infoKey, before.infoKey)
                || !(trackers.equals(before.trackers) || answers(trackers).equals(answers(before.trackers)));
    }

    /** What a tracker knows of the slice and has answered, without the times of its announces. */
    private record Answer(String id, boolean started, String code) {}

    private static Set<Answer> answers(List<Tracker> trackers) {
        Set<Answer> answers = new HashSet<>();
        trackers.forEach(tracker -> answers.add(new Answer(tracker.id(), tracker.started(), tracker.code())));
        return answers;
    }

    /**
     * Whether they differ in anything but the time spent seeding, which passes by itself, and the figures of trackers, which are
     * written with what an announce changes.
     */
    boolean differsInMoreThanSeedingTimeFrom(SliceStatus before) {
        Totals was = before.totals;
        Totals timeless = new Totals(was.down(), was.up(), was.wasted(), totals.seedingSeconds(), was.left());
        SliceStatus then = before.with(timeless);
        return !equals(then) && !withoutFigures().equals(then.withoutFigures());
    }

    private SliceStatus withoutFigures() {
        List<Tracker> bare = trackers.stream().map(Tracker::withoutFigures).toList();
        return new SliceStatus(gen, rev, state, reason, stored, check, totals, bare, infoKey);
    }
}
