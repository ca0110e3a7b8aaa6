package io.shoal.intake.progress;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import java.util.UUID;

/**
 * The key of a slice in 20 bytes, exactly: two packed keys are equal only if the keys are. The 26 characters of a torrent id are 130
 * bits: 128 in {@code high} and {@code low}, two in {@code rest}, beside the kind of the key and the number of the slice. {@code rest}
 * is never 0.
 */
record PackedKey(long high, long low, int rest) {
    private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int ID_CHARS = 26;
    private static final int KIND_SHIFT = 30;
    private static final int TORRENT = 1;
    private static final int RESOLVE = 2;
    private static final int SPARE_SHIFT = 28;

    /** One more than the highest number of a slice. */
    static final int SLICES = 1 << SPARE_SHIFT;

    /** Packs {@code key}; throws {@link IllegalArgumentException} if it has the number of a slice that no torrent has. */
    static PackedKey of(SliceKey key) {
        return switch (key) {
            case SliceKey.OfTorrent(TorrentId torrent, int slice) -> of(torrent, slice);
            case SliceKey.OfResolve(UUID transfer) ->
                new PackedKey(
                        transfer.getMostSignificantBits(), transfer.getLeastSignificantBits(), RESOLVE << KIND_SHIFT);
        };
    }

    private static PackedKey of(TorrentId torrent, int slice) {
        if (slice >= SLICES) {
            throw new IllegalArgumentException("no torrent has so many slices");
        }
        long high = 0;
        long low = 0;
        int spare = 0;
        String id = torrent.value();
        for (int i = 0; i < ID_CHARS; i++) {
            int next = digit(id.charAt(i));
            spare = (int) (high >>> 59) & 3;
            high = high << 5 | low >>> 59;
            low = low << 5 | next;
        }
        return new PackedKey(high, low, TORRENT << KIND_SHIFT | spare << SPARE_SHIFT | slice);
    }

    private static int digit(char c) {
        return c >= 'a' ? c - 'a' : c - '2' + 26;
    }

    /** Returns the key that was packed. */
    SliceKey key() {
        if (rest >>> KIND_SHIFT == RESOLVE) {
            return new SliceKey.OfResolve(new UUID(high, low));
        }
        char[] id = new char[ID_CHARS];
        long upper = high;
        long lower = low;
        long top = rest >>> SPARE_SHIFT & 3L;
        for (int i = ID_CHARS - 1; i >= 0; i--) {
            id[i] = DIGITS.charAt((int) lower & 31);
            lower = lower >>> 5 | upper << 59;
            upper = upper >>> 5 | top << 59;
            top = top >>> 5;
        }
        return new SliceKey.OfTorrent(new TorrentId(String.valueOf(id)), rest & SLICES - 1);
    }

    /** Mixes all bits: the ids of torrents are digests, those of transfers are random, but numbers of slices are small. */
    int hash() {
        long mixed = (high * 31 + low) * 31 + rest;
        mixed *= 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32);
    }
}
