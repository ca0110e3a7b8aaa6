package io.shoal.intake.wishes;

import io.shoal.bittorrent.Limits;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.records.Wanted.Priority;
import io.shoal.intake.infos.FileLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant says about the files of a torrent, which may not be known yet: which of them are wanted, if it says that, and the
 * priorities of some. A file that stays wanted keeps its priority unless it is given another. Immutable.
 */
public final class Selection {
    /** Every file. */
    public static final Selection ALL = new Selection(true, null, Map.of());

    /** The files that were wanted before. */
    public static final Selection SAME = new Selection(false, null, Map.of());

    /** The files of a torrent that is not known: as many as any has. */
    private static final int UNKNOWN = Limits.FILES;

    private final boolean picks;
    private final @Nullable BitSet files;
    private final Map<Priority, BitSet> priorities;

    private Selection(boolean picks, @Nullable BitSet files, Map<Priority, BitSet> priorities) {
        this.picks = picks;
        this.files = files;
        this.priorities = priorities;
    }

    /** Returns the selection of the files with these indexes, each below {@link Limits#FILES}. */
    public static Selection of(BitSet files) {
        check(files);
        return new Selection(true, (BitSet) files.clone(), Map.of());
    }

    /** Returns the same selection with these priorities, of files with indexes below {@link Limits#FILES}. */
    public Selection with(Map<Priority, BitSet> some) {
        Map<Priority, BitSet> copy = new EnumMap<>(Priority.class);
        some.forEach((priority, of) -> {
            check(of);
            copy.put(priority, (BitSet) of.clone());
        });
        return new Selection(picks, files, copy);
    }

    private static void check(BitSet files) {
        if (files.length() > Limits.FILES) {
            throw new IllegalArgumentException("no torrent has so many files");
        }
    }

    /** A part of a selection that names files. */
    public enum Part {
        WANTED,
        PRIORITIES
    }

    /** Returns which part names an index that is no file of the torrent; empty if none does. */
    public Optional<Part> wrongFor(FileLayout layout) {
        if (files != null && namesOther(files, layout)) {
            return Optional.of(Part.WANTED);
        }
        return priorities.values().stream().anyMatch(some -> namesOther(some, layout))
                ? Optional.of(Part.PRIORITIES)
                : Optional.empty();
    }

    private static boolean namesOther(BitSet some, FileLayout layout) {
        return some.stream().anyMatch(file -> !layout.hasFile(file));
    }

    /** Returns the wish about a torrent of so many files that follows {@code before}. */
    public Wanted after(Wanted before, int count) {
        Priority[] wish = new Priority[count];
        Arrays.setAll(wish, file -> of(file, before.of(file)));
        return Wanted.of(wish);
    }

    /**
     * Returns the wish that follows {@code before}, whatever torrent it turns out to be about. Unless it wants all files, it names at least
     * one file as skipped, because a wish for all files that it names would stand for all files of the torrent.
     */
    public Wanted after(Wanted before) {
        Priority[] wish = new Priority[UNKNOWN];
        Arrays.setAll(wish, file -> of(file, before.of(file)));
        int end = UNKNOWN;
        while (end > 1 && wish[end - 1] == Priority.SKIP && wish[end - 2] == Priority.SKIP) {
            end--;
        }
        return Wanted.of(Arrays.copyOf(wish, end));
    }

    private Priority of(int file, Priority before) {
        for (Map.Entry<Priority, BitSet> some : priorities.entrySet()) {
            if (some.getValue().get(file)) {
                return some.getKey();
            }
        }
        if (!picks) {
            return before;
        }
        if (files != null && !files.get(file)) {
            return Priority.SKIP;
        }
        return before == Priority.SKIP ? Priority.NORMAL : before;
    }
}
