package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.bencode.BencodeException;
import io.shoal.bittorrent.bencode.BencodeScanner;
import io.shoal.bittorrent.bencode.BencodeScanner.Slice;
import io.shoal.bittorrent.bencode.PagedBytes;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads what a scanned .torrent says about itself. What cannot be shown is left out, and long texts are cut. */
final class AboutReader {
    /** Bytes of UTF-8 in which the characters that are kept lie. */
    private static final int BYTES = 4 * About.TEXT_CHARS;

    /** The end of the year 9999: later moments are no dates. */
    private static final long LAST_SECOND = 253_402_300_799L;

    private final PagedBytes torrent;
    private final BencodeScanner scanner;

    AboutReader(PagedBytes torrent) {
        this.torrent = torrent;
        this.scanner = new BencodeScanner(torrent);
    }

    About read(int comment, int creator, int createdAt) throws BencodeException {
        Long seconds = scanner.integer(createdAt);
        return new About(
                text(comment),
                text(creator),
                seconds == null || seconds <= 0 || seconds > LAST_SECOND ? null : Instant.ofEpochSecond(seconds));
    }

    private @Nullable String text(int position) {
        Slice slice = scanner.string(position);
        if (slice == null) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        torrent.text(slice.from(), Math.min(slice.length(), BYTES))
                .codePoints()
                .filter(c -> c == '\n' || c == '\t' || !Character.isISOControl(c))
                .limit(About.TEXT_CHARS)
                .forEach(text::appendCodePoint);
        String shown = text.toString().strip();
        return shown.isEmpty() ? null : shown;
    }
}
