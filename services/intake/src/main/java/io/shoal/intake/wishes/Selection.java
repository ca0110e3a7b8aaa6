package io.shoal.intake.wishes;

import io.shoal.bittorrent.Limits;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.records.Wanted.Priority;
import io.shoal.intake.infos.FileLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The files that a tenant picked of a torrent, which may not be known yet. Immutable. */
public final class Selection {
    /** Every file. */
    public static final Selection ALL = new Selection(null);

    private final @Nullable BitSet files;

    private Selection(@Nullable BitSet files) {
        this.files = files;
    }

    /** Returns the selection of the files with these indexes, each below {@link Limits#FILES}. */
    public static Selection of(BitSet files) {
        if (files.length() > Limits.FILES) {
            throw new IllegalArgumentException("no torrent has so many files");
        }
        return new Selection((BitSet) files.clone());
    }

    /** Returns the first index that is no file of the torrent. */
    public OptionalInt wrongFor(FileLayout layout) {
        return files == null
                ? OptionalInt.empty()
                : files.stream().filter(file -> !layout.hasFile(file)).findFirst();
    }

    /**
     * The wish, whatever torrent it turns out to be about. It always names at least one file as skipped, because a wish
     * for all files that it names would stand for all files of the torrent.
     */
    public Wanted wanted() {
        if (files == null) {
            return Wanted.ALL;
        }
        Priority[] priorities = new Priority[files.length() + 1];
        Arrays.setAll(priorities, file -> files.get(file) ? Priority.NORMAL : Priority.SKIP);
        return Wanted.of(priorities);
    }
}
