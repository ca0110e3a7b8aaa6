package io.shoal.intake.wishes;

import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.records.Wanted.Priority;
import io.shoal.intake.torrents.Sources;
import java.util.List;

/**
 * The merged wish of a torrent's transfers: the union of the files of those that are active, each with the highest
 * priority that any of them gives it; run while any is active. While none is, the files of all stay wanted, so that nothing
 * that was stored becomes unwanted by a pause or while the transfers wait for a slot.
 *
 * <p>The transfers of a pool's torrent are those of several tenants. A private torrent has one transfer, because its owner is its
 * tenant; so its trackers are that transfer's alone (BEP 27).
 */
record MergedWish(Wanted wanted, Mode mode, Sources sources) {

    /** The wishes of {@code wishes}, at least one, about a torrent of {@code files} files. */
    static MergedWish of(int files, List<Wish> wishes) {
        List<Wish> active = wishes.stream().filter(Wish::active).toList();
        List<Wish> counted = active.isEmpty() ? wishes : active;
        return new MergedWish(
                union(files, counted.stream().map(Wish::wanted).toList()),
                active.isEmpty() ? Mode.STOP : Mode.RUN,
                Sources.fairUnion(counted.stream().map(Wish::sources).toList()));
    }

    private static Wanted union(int files, List<Wanted> wishes) {
        Priority[] highest = new Priority[files];
        for (int file = 0; file < files; file++) {
            Priority most = Priority.SKIP;
            for (Wanted wanted : wishes) {
                Priority priority = wanted.of(file);
                most = priority.compareTo(most) > 0 ? priority : most;
            }
            highest[file] = most;
        }
        return Wanted.of(highest);
    }
}
