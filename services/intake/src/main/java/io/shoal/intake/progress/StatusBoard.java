package io.shoal.intake.progress;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.planning.FleetReports;
import io.shoal.intake.torrents.LiveTotals;
import io.shoal.intake.torrents.Torrent;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest status of every slice, in memory: each replica reads all of the topic.
 *
 * <p>Of two records of a key the one of the higher generation counts, then the one of the higher epoch: a lower one comes from
 * a worker that has lost the slice. Within both, the later one counts, because one owner's records keep their order. The
 * set of stored segments only grows within a generation and a check.
 */
@ApplicationScoped
public class StatusBoard implements LiveTotals, FleetReports {
    private final Map<SliceKey, StatusRecord> newest = new ConcurrentHashMap<>();
    private volatile @Nullable Instant freshSince;

    /**
     * Adds a record that was read.
     *
     * @return the newest status now; empty if the record is older than the known one
     */
    public Optional<StatusRecord> put(SliceKey key, StatusRecord record) {
        StatusRecord after = newest.merge(key, record, StatusBoard::newer);
        return after.gen().equals(record.gen()) && after.epoch() == record.epoch()
                ? Optional.of(after)
                : Optional.empty();
    }

    /** Removes a slice that has ended. */
    public void remove(SliceKey key) {
        newest.remove(key);
    }

    /** The newest status of {@code key}. */
    public Optional<StatusRecord> of(SliceKey key) {
        return Optional.ofNullable(newest.get(key));
    }

    /** The newest status of a torrent in this life. */
    public Optional<StatusRecord> of(TorrentId torrent, Generation generation) {
        return of(new SliceKey.OfTorrent(torrent, 0))
                .filter(status -> status.gen().equals(generation));
    }

    @Override
    public long up(Torrent torrent) {
        return of(torrent.id(), torrent.generation())
                .map(status -> Math.max(status.totals().up(), torrent.up()))
                .orElse(torrent.up());
    }

    /** Whether all that was on the topic a few seconds ago has been read. */
    public boolean isFresh() {
        return freshSince != null;
    }

    @Override
    public Optional<Instant> currentSince() {
        return Optional.ofNullable(freshSince);
    }

    /** Sets whether all that is on the topic has been read. Called by one thread. */
    public void setFresh(boolean isFresh) {
        if (isFresh != isFresh()) {
            freshSince = isFresh ? Instant.now() : null;
        }
    }

    private static @Nullable StatusRecord newer(StatusRecord known, StatusRecord read) {
        int generations = read.gen().compareTo(known.gen());
        if (generations != 0) {
            return generations > 0 ? read : known;
        }
        if (read.epoch() != known.epoch() || read.rev() < known.rev()) {
            return read.epoch() > known.epoch() ? grown(known, read) : known;
        }
        return grown(known, read);
    }

    private static StatusRecord grown(StatusRecord known, StatusRecord read) {
        if (read.check() != known.check()) {
            return read;
        }
        BitSet stored = read.stored().toBitSet();
        stored.or(known.stored().toBitSet());
        return new StatusRecord(
                read.v(),
                read.gen(),
                read.rev(),
                read.epoch(),
                read.worker(),
                read.state(),
                read.reason(),
                Bits.of(stored),
                read.check(),
                read.totals(),
                read.rates(),
                read.peers(),
                read.trackers(),
                read.infoKey());
    }
}
