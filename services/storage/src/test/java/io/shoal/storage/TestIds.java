package io.shoal.storage;

import io.shoal.contracts.TorrentId;

/** Ids of torrents that exist by their number only. */
public final class TestIds {
    private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz";
    private static final int LENGTH = 26;

    private TestIds() {}

    /** Returns the id of torrent {@code number}; ids of other numbers are others. */
    public static TorrentId torrent(int number) {
        StringBuilder id = new StringBuilder();
        for (int rest = number; rest > 0; rest /= DIGITS.length()) {
            id.append(DIGITS.charAt(rest % DIGITS.length()));
        }
        return new TorrentId(id + "2".repeat(LENGTH - id.length()));
    }
}
