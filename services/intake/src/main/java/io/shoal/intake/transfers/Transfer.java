package io.shoal.intake.transfers;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.About;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.intake.infos.SegmentShare;
import io.shoal.intake.torrents.Sources;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.DynamicUpdate;
import org.jspecify.annotations.Nullable;

/**
 * One torrent in one library, with the tenant's wishes. A library holds an info-hash once, whether it was added as a magnet or as a
 * .torrent; so a magnet cannot turn out to be the torrent of another transfer of the tenant.
 *
 * <p>Its state is what the tenant sees. Every method that changes a wish also sets the state that follows from it. A transfer that is
 * blocked does not run, whatever its tenant wishes; its wishes are kept. A download slot is given up in the same change in which
 * the transfer stops needing it.
 */
@Entity
@Table(name = "transfer")
@DynamicUpdate
public class Transfer extends LibraryEntry {
    @Column(name = "torrent_id")
    private @Nullable String torrent;

    @Column(name = "paused")
    private boolean paused;

    @Column(name = "size")
    private long size;

    @Embedded
    private WantedPart wanted;

    @Embedded
    private Search search = new Search();

    @Embedded
    private Hindrances hindrances = new Hindrances();

    @Embedded
    private Charge charge = new Charge();

    @Embedded
    private Slot slot = new Slot();

    @Embedded
    private Course course;

    @Embedded
    private Marks marks;

    @Embedded
    private @Nullable Description description;

    @Embedded
    private RateLimits rates = RateLimits.NONE;

    /** Whether it began in this transaction to wait for a report: its worker may have none to write. */
    @Transient
    private boolean restarted;

    /** For Hibernate. */
    protected Transfer() {}

    /**
     * A transfer that was just added. It is planned, or resolved, before its transaction ends.
     *
     * @param pool the pool that the tenant is in; null if it is in none
     */
    public Transfer(
            UUID tenant, @Nullable UUID pool, InfoHash infoHash, String name, Sources sources, AddOptions options) {
        super(tenant, pool, infoHash, sources, options.privateAsked());
        this.paused = options.paused();
        this.marks = new Marks(name, options.filing());
        this.wanted = new WantedPart(options.wanted(), options.goals().ratio());
        this.course = new Course(paused ? TransferState.PAUSED : TransferState.RESOLVING);
        this.course.limit(options.goals().seedingSeconds(), options.goals().idleSeconds());
        this.course.force(options.run().forced());
        this.rates = options.run().rates();
    }

    /**
     * It is in the library from now on.
     *
     * @param number its number there, which no other transfer of the tenant ever has
     * @param rank its place in the download queue: after all others
     * @param category the id of the category of its options
     * @param suspend whether the tenant is suspended
     */
    public void admit(int number, long rank, @Nullable UUID category, boolean suspend) {
        marks.number(number);
        slot.rank(rank);
        marks.file(category);
        suspend(suspend, rev());
    }

    /** Begins, or begins again, to look for the metadata. */
    public void resolve(String uri, long nextRev) {
        search.begin(uri, nextRev);
        hindrances.lift();
        enter(resting());
    }

    /**
     * Its torrent is known.
     *
     * @param files the wish, now that the files are known
     * @param share what the wish takes of the torrent
     * @param upSoFar what the torrent has given before this transfer joined
     */
    public void plan(
            TorrentId id,
            String knownName,
            long knownSize,
            Sources known,
            Wanted files,
            SegmentShare share,
            long upSoFar) {
        torrent = id.value();
        size = knownSize;
        marks.name(knownName);
        replaceSources(known);
        wanted.want(files, share);
        wanted.join(upSoFar);
        search.end();
        hindrances.lift();
        hindrances.forgetNeed();
        course.complete(false);
        course.check(false);
        reconsider();
    }

    /** The search is given up. */
    public void fail(Failure reason) {
        search.giveUp();
        hindrances.fail(reason);
        enter(resting());
    }

    /**
     * The tenant wants other files.
     *
     * @param share what they take of the torrent, once it is known
     * @param more whether a file is among them that was not wanted before
     */
    public void want(Wanted files, SegmentShare share, boolean more) {
        wanted.want(files, share);
        hindrances.forgetNeed();
        course.complete(course.isComplete() && !more);
        reconsider();
    }

    /** The tenant stops it or lets it go on. */
    public void pause(boolean stop, long nextRev) {
        if (stop == paused) {
            return;
        }
        paused = stop;
        if (!isPlanned()) {
            search.revise(nextRev);
        }
        reconsider();
    }

    /** The tenant has other goals, or none. */
    public void seedTo(Goals goals) {
        wanted.seedTo(goals.ratio());
        course.limit(goals.seedingSeconds(), goals.idleSeconds());
        if (state() == TransferState.DONE) {
            reconsider();
        }
    }

    /** The tenant asks for a verification, which is pending. */
    public void verify() {
        course.check(true);
    }

    /** The store has been listed. */
    public void verified() {
        course.check(false);
    }

    /** The tenant gives other trackers and web seeds for it. */
    public void changeSources(Sources next, long nextRev) {
        replaceSources(next);
        if (!isPlanned()) {
            search.revise(nextRev);
        }
    }

    /** The tenant wants it to run before all others, and after its seeding goals are met; or no longer. */
    public void force(boolean force) {
        if (force == course.isForced()) {
            return;
        }
        course.force(force);
        if (state() == TransferState.DONE) {
            reconsider();
        }
    }

    /** The tenant limits its rates. */
    public void limit(RateLimits limits) {
        rates = limits;
    }

    /** Segments are lost, so a finished transfer may have to continue. */
    public void reopen() {
        course.complete(false);
        if (state() == TransferState.DONE || state() == TransferState.SEEDING) {
            reconsider();
        }
    }

    /** The operator denies its torrent. A search for its metadata ends. */
    public void deny() {
        hindrances.deny();
        reconsider();
    }

    /** Its metadata is known and kept, and it cannot be planned while the tenant may not store {@code bytes} more. */
    public void exceedQuota(long bytes) {
        hindrances.exceedQuota(bytes);
        reconsider();
    }

    /** Starts a transfer that was blocked by a denial, after that was withdrawn. */
    public void start() {
        hindrances.start();
        paused = false;
        reconsider();
    }

    /** The tenant is suspended, or is no longer. */
    public void suspend(boolean suspend, long nextRev) {
        hindrances.suspend(suspend);
        search.revise(nextRev);
        reconsider();
    }

    /** The generation of its torrent ends while the transfer stays: nothing of it remains stored or charged. */
    public void endGeneration() {
        torrent = null;
        course.complete(false);
        course.check(false);
        wanted.take(SegmentShare.UNKNOWN);
        wanted.join(0);
        charge.clear();
        enter(resting());
    }

    /** The owner of its slice has reported about the newest wish. */
    public void observe(StatusRecord.State observed, StatusRecord.@Nullable Reason reason, Instant now) {
        if (isQueued()) {
            return; // the report is not about this transfer's files
        }
        TransferState next = state().after(observed);
        course.complete(next == TransferState.SEEDING || (course.isComplete() && next != TransferState.DOWNLOADING));
        enter(next);
        if (state().isWorkedOn()) {
            hindrances.stall(reason, now);
        }
    }

    /** All that it wants is stored, whatever other transfers of its torrent still wait for. It needs no download slot any more. */
    public void foundStored() {
        switch (state()) {
            case QUEUED, DOWNLOADING, SEEDING -> {
                course.complete(true);
                hindrances.clearStall();
                enter(TransferState.SEEDING);
            }
            case RESOLVING, DONE, PAUSED, BLOCKED, FAILED -> {}
        }
    }

    /**
     * All that is wanted is stored, and the torrent has given {@code up} bytes in its life: the goal may be met. Totals can fall
     * back, when a worker was killed or a torrent was orphaned for a while; counting then continues from the lower value.
     */
    public void gave(long up) {
        boolean isReached = wanted.hasGiven(up);
        if (state() == TransferState.SEEDING && isReached && !course.isForced()) {
            enter(TransferState.DONE);
        }
    }

    /**
     * Ends its seeding if it has met a goal of time.
     *
     * @param activeAt the minute in which payload was last sent or received; null if none was
     * @param isKnown whether that can be relied upon
     * @return whether its seeding has ended
     */
    public boolean seedNoLonger(@Nullable Instant activeAt, boolean isKnown, Instant now) {
        boolean isOver = course.isOver(activeAt, isKnown, now);
        if (isOver) {
            enter(TransferState.DONE);
        }
        return isOver;
    }

    /** It was submitted with a .torrent that says this about itself. */
    public void describe(About about) {
        description = new Description(about);
    }

    /** Returns how much the torrent must have sent until the goal is met; the largest number if no total can meet one. */
    public long goalUp() {
        return state() == TransferState.SEEDING && !course.isForced() ? wanted.goalUp() : Long.MAX_VALUE;
    }

    /** Returns whether it must run now: its files count in the merged wish. */
    public boolean isActive() {
        return switch (state()) {
            case SEEDING -> true;
            case QUEUED, DOWNLOADING -> course.isComplete() || slot.isHeld();
            case RESOLVING, DONE, PAUSED, BLOCKED, FAILED -> false;
        };
    }

    /** Returns whether it runs since this transaction, and only a report of its worker moves it along. */
    public boolean needsReport() {
        return restarted && state() == TransferState.QUEUED && isActive();
    }

    /** Returns whether its metadata is being looked for, or would be if it were not paused or its tenant suspended. */
    public boolean awaitsMetadata() {
        return search.magnet() != null && hindrances.failure() == null && hindrances.isAllowed();
    }

    public boolean isPlanned() {
        return torrent != null;
    }

    /** Returns whether all that it wants was stored when the fleet last reported. */
    public boolean isComplete() {
        return course.isComplete();
    }

    /** Returns whether it needs a download slot to run. */
    public boolean needsSlot() {
        return (state() == TransferState.QUEUED || state() == TransferState.DOWNLOADING) && !course.isComplete();
    }

    /** It has a slot; its torrent has received {@code down} bytes by now. */
    public void takeSlot(long down, Instant now) {
        slot.grant(down, now);
        restarted = true;
    }

    /** It waits for a slot, at its place in the queue. */
    public void awaitSlot(Instant now) {
        enterQueue();
        slot.await(now.truncatedTo(ChronoUnit.MICROS));
    }

    /** It makes no progress, so it leaves its slot to those that wait and have not had their turn. */
    public void yieldSlot(Instant now) {
        enterQueue();
        slot.leave(now.truncatedTo(ChronoUnit.MICROS));
    }

    private void enterQueue() {
        hindrances.clearStall();
        course.enter(TransferState.QUEUED);
    }

    private void reconsider() {
        restarted = true;
        if (isPlanned()) {
            hindrances.clearStall();
        }
        enter(resting());
    }

    /** The state that follows from the wishes alone, before the fleet has reported anything. */
    private TransferState resting() {
        if (hindrances.block() != null) {
            return TransferState.BLOCKED;
        }
        if (hindrances.failure() != null) {
            return TransferState.FAILED;
        }
        if (paused) {
            return TransferState.PAUSED;
        }
        return isPlanned() ? TransferState.QUEUED : TransferState.RESOLVING;
    }

    private void enter(TransferState next) {
        search.move(state(), next);
        course.enter(next);
        if (!state().isWorkedOn()) {
            hindrances.clearStall();
        }
        if (!needsSlot()) {
            slot.release();
        }
    }

    /** Returns the torrent, once its metadata is known. */
    public Optional<TorrentId> torrent() {
        return Optional.ofNullable(torrent).map(TorrentId::new);
    }

    /** Returns its name, cleaned. */
    public String name() {
        return marks.name();
    }

    /** Returns the bytes of all files of its torrent; 0 until they are known. */
    public long size() {
        return size;
    }

    /** Returns the link, until its metadata is known. */
    public @Nullable String magnet() {
        return search.magnet();
    }

    public Wanted wanted() {
        return wanted.files();
    }

    public boolean paused() {
        return paused;
    }

    /** Returns when it has seeded enough. */
    public Goals goals() {
        return new Goals(wanted.ratio(), course.seedingLimit(), course.idleLimit());
    }

    /** Returns whether it runs before all others that are not forced, and after its seeding goals are met. */
    public boolean isForced() {
        return course.isForced();
    }

    /** Returns the limits of its own rates. */
    public RateLimits rates() {
        return rates;
    }

    /** Returns what its .torrent said about itself. */
    public About about() {
        return description == null ? About.NOTHING : description.about();
    }

    public TransferState state() {
        return course.state();
    }

    /** Returns the revision of its search for metadata. */
    public long rev() {
        return search.rev();
    }

    /** Returns the bytes of the segments that it takes; 0 until the torrent is known. */
    public long wantedBytes() {
        return wanted.share().bytes();
    }

    /** Returns the part of its torrent that it takes. */
    public SegmentShare share() {
        return wanted.share();
    }

    /** Returns the bytes that the torrent had uploaded before this transfer joined. */
    public long joinedUp() {
        return wanted.joinedUp();
    }

    /** Returns the search for its metadata. */
    public Search search() {
        return search;
    }

    /** Returns whether it was blocked by a denial, and was not started since. */
    public boolean isDenied() {
        return hindrances.isDenied();
    }

    public boolean isQueued() {
        return slot.isAwaited();
    }

    public boolean holdsSlot() {
        return slot.isHeld();
    }

    /** Returns its place among the active downloads. */
    public Slot slot() {
        return slot;
    }

    /** Returns why it does not go on. */
    public Hindrances hindrances() {
        return hindrances;
    }

    /** Returns what its tenant is charged for. */
    public Charge charge() {
        return charge;
    }

    /** Returns what its tenant finds it by. */
    public Marks marks() {
        return marks;
    }

    /** Returns when it was in which state. */
    public Course course() {
        return course;
    }
}
