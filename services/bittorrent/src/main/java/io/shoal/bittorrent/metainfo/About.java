package io.shoal.bittorrent.metainfo;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a .torrent says about itself beside its info dictionary. It can be changed without changing the torrent, so it is for display
 * only. Texts have no control characters but line breaks and tabs.
 *
 * @param comment at most {@link #TEXT_CHARS} characters; null if there is none
 * @param creator the program that made the .torrent; at most {@link #TEXT_CHARS} characters; null if it is not named
 * @param createdAt null if the .torrent does not say it
 */
public record About(
        @Nullable String comment,
        @Nullable String creator,
        @Nullable Instant createdAt) {
    /** Characters that are kept of a text. */
    public static final int TEXT_CHARS = 1_000;

    /** Nothing is said. */
    public static final About NOTHING = new About(null, null, null);
}
