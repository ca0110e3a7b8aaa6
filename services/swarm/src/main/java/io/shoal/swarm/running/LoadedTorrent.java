package io.shoal.swarm.running;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.swarm.segments.SegmentWish;
import io.shoal.swarm.segments.StoreCalls;
import io.shoal.swarm.segments.StoredContent;
import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What must be read from the store before a slice can run.
 *
 * @param info the metadata, verified
 * @param geometry how its files are cut into segments
 * @param stored content that the store has
 */
record LoadedTorrent(Info info, Geometry geometry, StoredContent stored) {

    /**
     * Reads it; on the loop of the store's calls. Fails with {@link IOException} if the info object is not what intake
     * has promised.
     *
     * @param trusted segments that the predecessor published as stored; null if the store must be asked in any case
     */
    static CompletableFuture<LoadedTorrent> load(
            WorkerContext worker, ObjectKeys keys, SliceRecord wanted, @Nullable BitSet trusted) {
        StoreCalls calls = worker.storage().calls();
        return parsed(worker, wanted).thenCompose(torrent -> {
            if (trusted != null && wish(torrent.geometry, torrent.info, wanted).isMetBy(trusted)) {
                return CompletableFuture.completedFuture(
                        new LoadedTorrent(torrent.info, torrent.geometry, StoredContent.trusted(trusted)));
            }
            return StoredContent.list(calls, keys, torrent.geometry)
                    .thenApply(stored -> new LoadedTorrent(torrent.info, torrent.geometry, stored));
        });
    }

    private record Parsed(Info info, Geometry geometry) {}

    /** The wish of {@code wanted} for the segments of its slice. */
    static SegmentWish wish(Geometry geometry, Info info, SliceRecord wanted) {
        return SegmentWish.of(
                geometry, info.files().size(), wanted.wanted(), wanted.firstSegment(), wanted.lastSegment());
    }

    private static CompletableFuture<Parsed> parsed(WorkerContext worker, SliceRecord wanted) {
        String key = wanted.infoKey();
        if (key == null) {
            return CompletableFuture.failedFuture(new IOException("a slice without an info object"));
        }
        StoreCalls calls = worker.storage().calls();
        return worker.loads()
                .run(() -> calls.store()
                        .get(key, Limits.INFO_BYTES)
                        .thenCompose(bytes -> calls.inBackground(() -> parse(key, bytes, wanted))));
    }

    private static Parsed parse(String key, byte[] bytes, SliceRecord wanted) throws IOException {
        try {
            Info info = Info.parse(bytes);
            if (!info.hash().equals(InfoHash.ofHex(wanted.infoHash()))) {
                throw new IOException(key + " is the info of " + info.hash());
            }
            return new Parsed(info, Geometry.of(info));
        } catch (MetainfoException e) {
            throw new IOException(key + " is no info dictionary", e);
        }
    }
}
