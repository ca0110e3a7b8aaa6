package io.shoal.intake.api;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.metainfo.FileSizes;
import io.shoal.contracts.records.Wanted;
import io.shoal.intake.infos.FileLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Some files of a transfer, in the torrent's order, pad files left out. */
record FilePage(
        List<FileView> items,

        @Schema(nullable = true, description = "Cursor of the next page; null on the last") @Nullable
        String next) {

    /**
     * @param index its number in the torrent
     * @param path where it is shown to be, below the torrent's own folder
     */
    @Schema(name = "File")
    record FileView(
            int index,
            String path,
            long size,
            boolean wanted,

            @Schema(
                    enumeration = {"skip", "low", "normal", "high"},
                    description = "skip: it is not wanted")
            String priority,

            long storedBytes) {}

    /** Returns up to {@code limit} files after the first {@code offset} files; pad files are not counted. */
    static FilePage of(FileLayout layout, Wanted wanted, BitSet stored, int offset, int limit) {
        FileSizes files = layout.files().sizes();
        List<FileView> items = new ArrayList<>();
        int file = files.nextWithoutPads(0);
        for (int skipped = 0; skipped < offset && file < files.count(); skipped++) {
            file = files.nextWithoutPads(file + 1);
        }
        for (; items.size() < limit && file < files.count(); file = files.nextWithoutPads(file + 1)) {
            items.add(new FileView(
                    file,
                    layout.path(file).toString(),
                    files.length(file),
                    wanted.isWanted(file),
                    TransferView.code(wanted.of(file)),
                    layout.storedBytes(new FileIndex(file), stored)));
        }
        return new FilePage(items, file < files.count() ? Paging.cursor(offset + items.size()) : null);
    }
}
