package io.shoal.tracker.swarms;

import io.shoal.bittorrent.InfoHash;
import java.nio.ByteBuffer;

/**
 * An info-hash as three numbers, which is how the packed tables hold it and how the edges read it off the wire without an
 * array between.
 *
 * @param first bytes 0 to 7
 * @param second bytes 8 to 15
 * @param last bytes 16 to 19
 */
public record SwarmKey(long first, long second, int last) {
    /** The key of the torrent that {@code infoHash} names. */
    public static SwarmKey of(InfoHash infoHash) {
        ByteBuffer bytes = ByteBuffer.wrap(infoHash.bytes());
        return new SwarmKey(bytes.getLong(), bytes.getLong(), bytes.getInt());
    }

    /** A hash that cannot be steered by choosing the info-hash, as long as {@code seed} is secret. */
    int hash(long seed) {
        return Mix.mix(seed, first, second ^ Integer.toUnsignedLong(last) << 17);
    }

    @Override
    public int hashCode() {
        return Mix.mix(Mix.SEED, first, second);
    }

    /** 20 bytes. */
    public byte[] bytes() {
        return ByteBuffer.allocate(InfoHash.LENGTH)
                .putLong(first)
                .putLong(second)
                .putInt(last)
                .array();
    }
}
