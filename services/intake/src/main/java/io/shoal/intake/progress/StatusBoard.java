package io.shoal.intake.progress;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.planning.FleetReports;
import io.shoal.intake.torrents.LiveTotals;
import io.shoal.intake.torrents.Torrent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
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
    /** How long a report may be late: for the owner's turns, and the way through Kafka. */
    static final Duration LATE = Duration.ofSeconds(3);

    private final Map<SliceKey, Report> newest = new ConcurrentHashMap<>();
    private final LongSupplier nanos;
    private volatile @Nullable Instant freshSince;

    /** @param readAt when the last record of its owner was read, in nanoseconds */
    private record Report(StatusRecord status, long readAt) {}

    @Inject
    StatusBoard() {
        this(System::nanoTime);
    }

    StatusBoard(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Adds a record that was read.
     *
     * @return the newest status now; empty if the record is older than the known one
     */
    public Optional<StatusRecord> put(SliceKey key, StatusRecord record) {
        StatusRecord after = newest.merge(key, new Report(record, nanos.getAsLong()), StatusBoard::newer).status;
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
        return Optional.ofNullable(newest.get(key)).map(Report::status);
    }

    /**
     * Returns whether the owner of {@code key} has not reported in time: a slice that receives or sends is reported repeatedly until it
     * does not, so its worker is gone, or cannot be heard. Silence about a slice in which nothing moved says nothing.
     */
    public boolean isOverdue(SliceKey key) {
        Report report = newest.get(key);
        if (report == null || report.status.rates().equals(ProgressRecord.Rates.ZERO)) {
            return false;
        }
        Duration every = switch (report.status.state()) {
            case DOWNLOADING, RESOLVING -> StatusRecord.DOWNLOADING_EVERY;
            default -> StatusRecord.UPLOADING_EVERY;
        };
        return nanos.getAsLong() - report.readAt > every.plus(LATE).toNanos();
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

    private static Report newer(Report known, Report read) {
        StatusRecord before = known.status;
        StatusRecord after = read.status;
        int generations = after.gen().compareTo(before.gen());
        if (generations > 0) {
            return read;
        }
        boolean isOlder = generations < 0
                || after.epoch() < before.epoch()
                || after.epoch() == before.epoch() && after.rev() < before.rev();
        return isOlder ? known : new Report(grown(before, after), read.readAt);
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
