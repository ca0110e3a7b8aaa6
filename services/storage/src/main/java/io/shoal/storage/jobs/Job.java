package io.shoal.storage.jobs;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job as it was leased.
 *
 * @param file the file that the job works on; null if it works on the whole torrent
 * @param upload the multipart upload that an earlier attempt left open
 * @param version rises whenever the job is enqueued again; if it has risen meanwhile, the job is due again when it ends
 * @param attempts how often the job was leased since it last ended, this time included
 * @param lease names this lease of the job, and no other one; null if the job is not leased
 */
public record Job(
        long id,
        JobKind kind,
        TorrentId torrent,
        Generation generation,
        @Nullable FileIndex file,
        @Nullable String upload,
        int version,
        int attempts,
        @Nullable UUID lease) {

    /** Returns the file that the job works on. */
    public FileIndex theFile() {
        if (file == null) {
            throw new IllegalStateException(kind + " has no file");
        }
        return file;
    }

    /** Returns the object keys of the generation that the job works on. */
    public ObjectKeys keys() {
        return new ObjectKeys(torrent, generation);
    }

    @Override
    public String toString() {
        return kind + " " + torrent + "/" + generation + (file == null ? "" : "/" + file);
    }
}
