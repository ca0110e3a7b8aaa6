package io.shoal.simulation;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.geometry.SegmentRange;
import io.shoal.contracts.Generation;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Kind;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.SliceRecord.SliceLimits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.swarm.ownership.Slice;
import io.shoal.swarm.ownership.SliceFigures;
import io.shoal.swarm.ownership.SliceStatus;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One torrent at one worker, from when the worker has gained it until it has left: what intake wants, and what the
 * worker has published of it.
 */
final class Run {
    /** The transfer of all magnets. */
    static final UUID TRANSFER = new UUID(1, 2);

    final SimulatedWorker worker;
    final TorrentContent content;
    final Slice slice;
    private final long epoch;
    private SliceRecord wanted;
    private StatusRecord published;
    private @Nullable CompletableFuture<Void> leaving;

    private Run(
            SimulatedWorker worker,
            TorrentContent content,
            SliceRecord wanted,
            @Nullable StatusRecord last,
            long epoch) {
        this.worker = worker;
        this.content = content;
        this.wanted = wanted;
        this.epoch = epoch;
        SliceKey key = wanted.kind() == Kind.RESOLVE
                ? new SliceKey.OfResolve(TRANSFER)
                : new SliceKey.OfTorrent(content.keys.torrent(), 0);
        this.slice = worker.slices.start(key, wanted, last, epoch);
        this.published = toRecord(slice.status());
    }

    /** The first run of a torrent. */
    static Run first(SimulatedWorker worker, TorrentContent content, SliceRecord wanted) {
        return new Run(worker, content, wanted, null, 1);
    }

    /** The next owner's run, which knows what this one has published. */
    Run takenOverBy(SimulatedWorker next) {
        return new Run(next, content, wanted, published, epoch + 1);
    }

    /** A record that wants all of a torrent, whose swarm these trackers know. */
    static SliceRecord all(TorrentContent content, String... trackers) {
        List<List<String>> tiers = Stream.of(trackers).map(List::of).toList();
        return new SliceRecord(
                1,
                content.keys.generation(),
                1,
                Kind.SLICE,
                content.keys.info(),
                null,
                content.info.hash().hex(),
                false,
                0,
                content.segments() - 1,
                Wanted.ALL,
                Mode.RUN,
                trackers.length == 0 ? List.of(List.of(content.tracker)) : tiers,
                List.of(),
                0,
                List.of(),
                content.keys.torrent().toString(),
                null,
                null);
    }

    /** A record that wants the metadata of a torrent. */
    static SliceRecord magnet(TorrentContent content) {
        return new SliceRecord(
                1,
                new Generation(1),
                1,
                Kind.RESOLVE,
                null,
                "magnet:?xt=urn:btih:" + content.info.hash().hex(),
                content.info.hash().hex(),
                false,
                0,
                -1,
                Wanted.ALL,
                Mode.RUN,
                List.of(List.of(content.tracker)),
                List.of(),
                0,
                List.of(),
                "owner",
                null,
                null);
    }

    /** Changes of the wanted record. */
    static SliceRecord with(SliceRecord before, Wanted files, Mode mode, int check, @Nullable SliceLimits limits) {
        return new SliceRecord(
                before.v(),
                before.gen(),
                before.rev() + 1,
                before.kind(),
                before.infoKey(),
                before.magnet(),
                before.infoHash(),
                before.isPrivate(),
                before.firstSegment(),
                before.lastSegment(),
                files,
                mode,
                before.trackers(),
                before.webSeeds(),
                check,
                before.peers(),
                before.owner(),
                limits,
                null);
    }

    /** The same, and only its own trackers may name peers. */
    static SliceRecord asPrivate(SliceRecord record) {
        return new SliceRecord(
                record.v(),
                record.gen(),
                record.rev(),
                record.kind(),
                record.infoKey(),
                record.magnet(),
                record.infoHash(),
                true,
                record.firstSegment(),
                record.lastSegment(),
                record.wanted(),
                record.mode(),
                record.trackers(),
                record.webSeeds(),
                record.check(),
                record.peers(),
                record.owner(),
                record.limits(),
                record.reannounce());
    }

    private void want(SliceRecord newer) {
        wanted = newer;
        slice.want(newer);
    }

    /** Wants these files and no others; all if none is named. */
    void select(int... files) {
        want(with(wanted, selection(content, files), wanted.mode(), wanted.check(), wanted.limits()));
    }

    /** The wish for these files and no others; for all if none is named. */
    static Wanted selection(TorrentContent content, int... files) {
        if (files.length == 0) {
            return Wanted.ALL;
        }
        Wanted.Priority[] priorities = new Wanted.Priority[content.info.files().size()];
        Arrays.fill(priorities, Wanted.Priority.SKIP);
        for (int file : files) {
            priorities[file] = Wanted.Priority.NORMAL;
        }
        return Wanted.of(priorities);
    }

    void stop() {
        want(with(wanted, wanted.wanted(), Mode.STOP, wanted.check(), wanted.limits()));
    }

    void resume() {
        want(with(wanted, wanted.wanted(), Mode.RUN, wanted.check(), wanted.limits()));
    }

    void limit(long downRate, long upRate) {
        want(with(wanted, wanted.wanted(), wanted.mode(), wanted.check(), new SliceLimits(downRate, upRate)));
    }

    /** Lists the store again instead of trusting what was published. */
    void check() {
        want(with(wanted, wanted.wanted(), wanted.mode(), wanted.check() + 1, wanted.limits()));
    }

    SliceRecord wanted() {
        return wanted;
    }

    SliceStatus status() {
        return slice.status();
    }

    /** Whether all that is wanted is stored, by the revision and check in force. */
    boolean isComplete() {
        SliceStatus now = status();
        return now.state() == State.SEEDING && now.rev() == wanted.rev() && now.check() == wanted.check();
    }

    /** Whether any wanted file has bytes in {@code segment}. */
    boolean wants(int segment) {
        for (int file = 0; file < content.info.files().size(); file++) {
            SegmentRange range = content.geometry.segmentsOf(new FileIndex(file));
            if (wanted.wanted().isWanted(file) && range.from() <= segment && segment < range.to()) {
                return true;
            }
        }
        return false;
    }

    SliceFigures figures() {
        return slice.figures();
    }

    /** Publishes the present status and totals, if the worker lives. */
    void publish() {
        if (!worker.host.isKilled()) {
            published = toRecord(slice.status());
        }
    }

    CompletableFuture<Void> handOver() {
        return leave(slice.handOver());
    }

    CompletableFuture<Void> end() {
        return leave(slice.end());
    }

    void drop() {
        slice.drop();
        leaving = CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> leave(CompletableFuture<Void> left) {
        CompletableFuture<Void> done = left.thenRun(this::publish);
        leaving = done;
        return done;
    }

    /** Whether it was handed over, dropped or ended, or its worker is dead. */
    boolean isLeaving() {
        return leaving != null || worker.host.isKilled();
    }

    /** Whether it has left. */
    boolean hasLeft() {
        return worker.host.isKilled() || (leaving != null && leaving.isDone());
    }

    private StatusRecord toRecord(SliceStatus seen) {
        return seen.toRecord(worker.name, epoch);
    }
}
