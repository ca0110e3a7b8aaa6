package io.shoal.engine.webseeds;

import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.FileSizes;
import io.shoal.bittorrent.metainfo.FileTable;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.SourceUrl;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Where a web seed has the bytes of a torrent (BEP 19). The URL of a single file is that of the file, or of its folder if it ends in a slash. That of several
 * files is the URL of the folder in which the torrent's own folder lies.
 *
 * <p>Names are percent-encoded in UTF-8, a slash and a percent sign in a name too, so no name leaves its folder's place in the path. A pad
 * file and an empty file are on no server.
 */
final class FileRanges {
    private static final String UNRESERVED = "-._~";

    private final Info info;
    private final SourceUrl base;
    private final FileSizes sizes;

    FileRanges(Info info, SourceUrl base) {
        this.info = info;
        this.base = base;
        this.sizes = info.files().sizes();
    }

    /** Returns the longest part of the bytes from {@code offset} to {@code end} of the torrent that lies in one file, from the first of them on. */
    FileRange first(long offset, long end) {
        int file = fileAt(offset);
        long from = offset - sizes.offset(file);
        long length = Math.min(end, sizes.offset(file) + sizes.length(file)) - offset;
        return new FileRange(sizes.isPad(file) ? null : url(file), from, length, sizes.length(file));
    }

    /** Returns the file that has the byte at {@code offset} of the torrent; an empty file has none. */
    private int fileAt(long offset) {
        int low = 0;
        int high = sizes.count() - 1;
        while (low < high) { // the last file that begins at or before it
            int middle = (low + high + 1) >>> 1;
            if (sizes.offset(middle) <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private @Nullable SourceUrl url(int file) {
        String target = base.target();
        if (info.singleFile()) {
            return target.endsWith("/") ? base.withTarget(target + encoded(info.name())) : base;
        }
        StringBuilder path = new StringBuilder(target);
        if (!target.endsWith("/")) {
            path.append('/');
        }
        path.append(encoded(info.name()));
        FileTable files = info.files();
        FileEntry entry = files.get(file);
        for (String component : entry.path()) {
            path.append('/').append(encoded(component));
        }
        return base.withTarget(path.toString());
    }

    private static String encoded(String name) {
        StringBuilder encoded = new StringBuilder(name.length());
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }
}
