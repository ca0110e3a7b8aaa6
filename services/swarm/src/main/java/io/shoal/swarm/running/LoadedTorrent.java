package io.shoal.swarm.running;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.swarm.segments.SegmentWish;
import io.shoal.swarm.segments.StoredContent;
import java.io.IOException;
import java.util.BitSet;
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
     * Reads it; blocks.
     *
     * @param trusted segments that the predecessor published as stored; null if the store must be asked in any case
     * @throws IOException if the info object is not what intake has promised
     */
    static LoadedTorrent load(WorkerContext worker, ObjectKeys keys, SliceRecord wanted, @Nullable BitSet trusted)
            throws NoSuchObjectException, StoreUnavailableException, IOException {
        ObjectStore store = worker.storage().calls().store();
        Info info = info(worker, store, wanted);
        Geometry geometry = Geometry.of(info);
        SegmentWish wish = wish(geometry, info, wanted);
        if (trusted != null && wish.isMetBy(trusted)) {
            return new LoadedTorrent(info, geometry, StoredContent.trusted(trusted));
        }
        return new LoadedTorrent(info, geometry, StoredContent.list(store, keys, geometry));
    }

    /** The wish of {@code wanted} for the segments of its slice. */
    static SegmentWish wish(Geometry geometry, Info info, SliceRecord wanted) {
        return SegmentWish.of(
                geometry, info.files().size(), wanted.wanted(), wanted.firstSegment(), wanted.lastSegment());
    }

    private static Info info(WorkerContext worker, ObjectStore store, SliceRecord wanted)
            throws NoSuchObjectException, StoreUnavailableException, IOException {
        String key = wanted.infoKey();
        if (key == null) {
            throw new IOException("a slice without an info object");
        }
        worker.loads().acquireUninterruptibly();
        try {
            Info info = Info.parse(store.get(key, Limits.INFO_BYTES));
            if (!info.hash().equals(InfoHash.ofHex(wanted.infoHash()))) {
                throw new IOException(key + " is the info of " + info.hash());
            }
            return info;
        } catch (MetainfoException e) {
            throw new IOException(key + " is no info dictionary", e);
        } finally {
            worker.loads().release();
        }
    }
}
