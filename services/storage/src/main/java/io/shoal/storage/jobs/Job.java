package io.shoal.storage.jobs;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import org.jspecify.annotations.Nullable;

/**
 * A job as it was leased.
 *
 * @param file the file that it is about; null for a job about all of the torrent
 * @param upload the multipart upload that an earlier attempt left open
 * @param version rises whenever somebody asks for the job again; if it has risen meanwhile, the job is due again when it ends
 * @param attempts how often it was leased since it last ended, this time included
 */
public record Job(
        long id,
        JobKind kind,
        TorrentId torrent,
        Generation generation,
        @Nullable FileIndex file,
        @Nullable String upload,
        int version,
        int attempts) {

    /** The file that it is about. */
    public FileIndex theFile() {
        if (file == null) {
            throw new IllegalStateException(kind + " is about no file");
        }
        return file;
    }

    /** The keys of what it is about. */
    public ObjectKeys keys() {
        return new ObjectKeys(torrent, generation);
    }

    @Override
    public String toString() {
        return kind + " " + torrent + "/" + generation + (file == null ? "" : "/" + file);
    }
}
