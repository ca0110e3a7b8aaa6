package io.shoal.contracts.topics;

import io.shoal.contracts.TorrentId;
import java.util.UUID;

/** The key of a record about a slice: what is one unit of work for one worker. */
public sealed interface SliceKey {
    /** A run of segments of a torrent; {@code slice} counts from 0. */
    record OfTorrent(TorrentId torrent, int slice) implements SliceKey {
        @Override
        public String toString() {
            return torrent + "/" + slice;
        }
    }

    /** The search for the metadata of a transfer's magnet. */
    record OfResolve(UUID transfer) implements SliceKey {
        @Override
        public String toString() {
            return RESOLVE + transfer;
        }
    }

    String RESOLVE = "resolve/";

    /** Reads the text of a key; anything else is an {@link IllegalArgumentException}. */
    static SliceKey parse(String key) {
        SliceKey parsed = read(key);
        if (!parsed.toString().equals(key)) {
            throw new IllegalArgumentException("not the key of a slice in its one form");
        }
        return parsed;
    }

    private static SliceKey read(String key) {
        if (key.startsWith(RESOLVE)) {
            return new OfResolve(UUID.fromString(key.substring(RESOLVE.length())));
        }
        int slash = key.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("not the key of a slice");
        }
        int slice = Integer.parseInt(key.substring(slash + 1));
        if (slice < 0) {
            throw new IllegalArgumentException("a slice counts from 0");
        }
        return new OfTorrent(new TorrentId(key.substring(0, slash)), slice);
    }
}
