package io.shoal.contracts.objects;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import java.util.UUID;

/**
 * Every key that the platform writes to the store. No key is a path prefix of another, because MinIO would hide one of the two from
 * listings; the content of a key never changes.
 */
public record ObjectKeys(TorrentId torrent, Generation generation) {

    /** All keys of info dictionaries that wait for their transfer to be planned begin with this. */
    public static final String RESOLVED = "resolved/";

    /** Where the info fetched for a magnet waits until it is planned. */
    public static String resolved(UUID transfer) {
        return RESOLVED + transfer;
    }

    /** All keys of this generation begin with this. */
    public String prefix() {
        return "torrents/" + torrent + "/" + generation + "/";
    }

    /** The info dictionary, to the byte. */
    public String info() {
        return prefix() + "info";
    }

    /** All keys of segments begin with this. */
    public String segmentsPrefix() {
        return prefix() + "s/";
    }

    /** One segment. */
    public String segment(SegmentIndex segment) {
        return segmentsPrefix() + "%08x".formatted(segment.value());
    }

    /** A large file, assembled from its segments. */
    public String file(FileIndex file) {
        return filesPrefix() + file;
    }

    /** All keys of assembled files begin with this. */
    public String filesPrefix() {
        return prefix() + "f/";
    }

    /** All keys of spills begin with this. */
    public String spillsPrefix() {
        return prefix() + "spill/";
    }

    /** All keys of spills of one segment begin with this. */
    public String spillsPrefix(SegmentIndex segment) {
        return spillsPrefix() + "%08x/".formatted(segment.value());
    }

    /** A spill: verified pieces of an unfinished segment. {@code name} is random and never used twice. */
    public String spill(SegmentIndex segment, UUID name) {
        return spillsPrefix(segment) + name;
    }
}
