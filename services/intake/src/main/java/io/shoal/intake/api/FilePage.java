package io.shoal.intake.api;

import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.contracts.records.Wanted;
import io.shoal.intake.infos.FileLayout;
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
    record FileView(int index, String path, long size, boolean wanted, long storedBytes) {}

    static FilePage of(FileLayout layout, Wanted wanted, BitSet stored, int offset, int limit) {
        List<FileEntry> all =
                layout.info().files().stream().filter(file -> !file.pad()).toList();
        List<FileView> items = all.stream()
                .skip(offset)
                .limit(limit)
                .map(file -> view(layout, wanted, stored, file))
                .toList();
        int end = offset + items.size();
        return new FilePage(items, end < all.size() ? Paging.cursor(end) : null);
    }

    private static FileView view(FileLayout layout, Wanted wanted, BitSet stored, FileEntry file) {
        int index = file.index().value();
        return new FileView(
                index,
                layout.paths().get(index).toString(),
                file.length(),
                wanted.isWanted(index),
                layout.storedBytes(file.index(), stored));
    }
}
