package io.shoal.intake.transfers;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.About;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.intake.infos.SegmentShare;
import io.shoal.intake.torrents.Owner;
import io.shoal.intake.torrents.Owners;
import io.shoal.intake.torrents.Sources;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
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
public class Transfer {
    @Id
    private UUID id;

    @Column(name = "tenant_id")
    private UUID tenant;

    @Column(name = "pool_id")
    private @Nullable UUID pool;

    @Column(name = "info_hash")
    private String infoHash;

    @Column(name = "torrent_id")
    private @Nullable String torrent;

    @Column(name = "name")
    private String name;

    @Column(name = "magnet")
    private @Nullable String magnet;

    @Column(name = "sources")
    private Sources sources;

    @Column(name = "private")
    private boolean privateAsked;

    @Column(name = "wanted")
    private Wanted wanted;

    @Column(name = "paused")
    private boolean paused;

    @Column(name = "ratio")
    private @Nullable Double ratio;

    @Column(name = "state")
    @Enumerated(EnumType.STRING)
    private TransferState state;

    @Column(name = "failure")
    @Enumerated(EnumType.STRING)
    private @Nullable Failure failure;

    @Column(name = "stalled")
    @Enumerated(EnumType.STRING)
    private StatusRecord.@Nullable Reason stalled;

    @Column(name = "stalled_since")
    private @Nullable Instant stalledSince;

    @Column(name = "rev")
    private long rev;

    @Column(name = "resolving_since")
    private @Nullable Instant resolvingSince;

    @Column(name = "wanted_bytes")
    private long wantedBytes;

    @Column(name = "wanted_segments")
    private byte @Nullable [] wantedSegments;

    @Column(name = "joined_up")
    private long joinedUp;

    @Column(name = "created_at")
    private Instant createdAt;

    @Column(name = "blocked")
    @Enumerated(EnumType.STRING)
    private @Nullable Block blocked;

    @Column(name = "suspended")
    private boolean suspended;

    @Column(name = "metadata_kept")
    private boolean metadataKept;

    @Column(name = "needed_bytes")
    private long neededBytes;

    @Column(name = "size")
    private long size;

    @Column(name = "complete")
    private boolean complete;

    @Embedded
    private Charge charge = new Charge();

    @Embedded
    private Slot slot = new Slot();

    @Embedded
    private Marks marks = new Marks();

    @Embedded
    private Course course = new Course();

    @Embedded
    private @Nullable Description description;

    /** For Hibernate. */
    protected Transfer() {}

    /**
     * The options of a tenant that adds a torrent.
     *
     * @param wanted files; indexes that the torrent turns out not to have are ignored
     * @param privateAsked whether only the trackers that came with it may give peers, whatever its metadata says
     * @param goals when it has seeded enough
     * @param filing how the tenant finds it again
     */
    public record AddOptions(Wanted wanted, boolean paused, boolean privateAsked, Goals goals, Filing filing) {}

    /**
     * How a tenant finds a transfer again.
     *
     * @param category the name of one of the tenant's categories; null: none
     * @param displayName what is shown in the place of the torrent's name; null: that name
     */
    public record Filing(
            Labels labels,
            @Nullable String category,
            @Nullable String displayName) {
        /** Nothing but the torrent's name. */
        public static final Filing NONE = new Filing(Labels.NONE, null, null);
    }

    /**
     * A transfer that was just added. It is planned, or resolved, before its transaction ends.
     *
     * @param pool the pool that the tenant is in; null if it is in none
     */
    public Transfer(
            UUID tenant, @Nullable UUID pool, InfoHash infoHash, String name, Sources sources, AddOptions options) {
        this.id = UUID.randomUUID();
        this.tenant = tenant;
        this.pool = options.privateAsked ? null : pool;
        this.infoHash = infoHash.hex();
        this.name = name;
        this.sources = sources;
        this.privateAsked = options.privateAsked;
        this.wanted = options.wanted;
        this.paused = options.paused;
        this.ratio = options.goals.ratio();
        this.marks.name(name, options.filing.displayName);
        this.marks.label(options.filing.labels);
        this.state = resting();
        this.course.limit(options.goals.seedingSeconds(), options.goals.idleSeconds(), state);
        this.createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    /**
     * It is in the library from now on.
     *
     * @param number its number there, which no other transfer of the tenant ever has
     * @param category the id of the category of its options
     * @param suspend whether the tenant is suspended
     */
    public void admit(int number, @Nullable UUID category, boolean suspend) {
        marks.number(number);
        marks.file(category);
        suspend(suspend, rev);
    }

    /** Begins, or begins again, to look for the metadata. */
    public void resolve(String uri, long nextRev) {
        magnet = uri;
        failure = null;
        blocked = null;
        metadataKept = false;
        rev = nextRev;
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
        name = knownName;
        size = knownSize;
        marks.name(knownName, marks.displayName());
        sources = known;
        wanted = files;
        take(share);
        joinedUp = upSoFar;
        magnet = null;
        failure = null;
        blocked = null;
        metadataKept = false;
        neededBytes = 0;
        complete(false);
        clearStalled();
        enter(resting());
    }

    /** The search is given up. */
    public void fail(Failure reason) {
        failure = reason;
        blocked = null;
        metadataKept = false;
        enter(resting());
    }

    /**
     * The tenant wants other files.
     *
     * @param share what they take of the torrent, once it is known
     * @param more whether a file is among them that was not wanted before
     */
    public void want(Wanted files, SegmentShare share, boolean more) {
        wanted = files;
        take(share);
        neededBytes = 0;
        complete(complete && !more);
        reconsider();
    }

    private void take(SegmentShare share) {
        wantedBytes = share.bytes();
        wantedSegments = share.segments() == null ? null : share.segments().toByteArray();
    }

    /** The tenant gives it other labels. */
    public void label(Labels labels) {
        marks.label(labels);
    }

    /** The tenant files it under another category, or none. */
    public void file(@Nullable UUID category) {
        marks.file(category);
    }

    /** The tenant gives it a name of their own, or none. */
    public void display(@Nullable String displayName) {
        marks.name(name, displayName);
    }

    /** The tenant stops it or lets it go on. */
    public void pause(boolean stop, long nextRev) {
        if (stop == paused) {
            return;
        }
        paused = stop;
        if (!isPlanned()) {
            rev = nextRev;
        }
        reconsider();
    }

    /** The tenant has other goals, or none. */
    public void seedTo(Goals goals) {
        ratio = goals.ratio();
        course.limit(goals.seedingSeconds(), goals.idleSeconds(), state);
        if (state == TransferState.DONE) {
            reconsider();
        }
    }

    /** Segments are lost, so a finished transfer may have to continue. */
    public void reopen() {
        complete(false);
        if (state == TransferState.DONE || state == TransferState.SEEDING) {
            reconsider();
        }
    }

    /** The operator denies its torrent. A search for its metadata ends. */
    public void deny() {
        blocked = Block.DENIED;
        reconsider();
    }

    /** Its metadata is known and kept, and it cannot be planned while the tenant may not store {@code bytes} more. */
    public void exceedQuota(long bytes) {
        blocked = Block.QUOTA;
        neededBytes = bytes;
        reconsider();
    }

    /** The metadata lies at its key of resolved metadata, until the transfer is planned. */
    public void keepMetadata() {
        metadataKept = true;
    }

    /** Starts a transfer that was blocked by a denial, after that was withdrawn. */
    public void start() {
        blocked = null;
        paused = false;
        reconsider();
    }

    /** The tenant is suspended, or is no longer. */
    public void suspend(boolean suspend, long nextRev) {
        suspended = suspend;
        rev = nextRev;
        reconsider();
    }

    /** The generation of its torrent ends while the transfer stays: nothing of it remains stored or charged. */
    public void endGeneration() {
        torrent = null;
        complete(false);
        take(SegmentShare.UNKNOWN);
        joinedUp = 0;
        charge.clear();
        enter(resting());
    }

    /** The owner of its slice has reported about the newest wish. */
    public void observe(StatusRecord.State observed, StatusRecord.@Nullable Reason reason, Instant now) {
        if (isQueued()) {
            return; // the report is not about this transfer's files
        }
        TransferState next = state.after(observed);
        complete(next == TransferState.SEEDING || (complete && next != TransferState.DOWNLOADING));
        enter(next);
        if (isWorkedOn() && reason != stalled) {
            stalled = reason;
            stalledSince = reason == null ? null : now;
        }
    }

    /** All that it wants is stored, whatever other transfers of its torrent still wait for. It needs no download slot any more. */
    public void foundStored() {
        switch (state) {
            case QUEUED, DOWNLOADING, SEEDING -> {
                complete(true);
                clearStalled();
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
        joinedUp = Math.min(joinedUp, up);
        if (state == TransferState.SEEDING && ratio != null && up - joinedUp >= ratio * wantedBytes) {
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
        boolean isOver = state == TransferState.SEEDING && course.isOver(activeAt, isKnown, now);
        if (isOver) {
            enter(TransferState.DONE);
        }
        return isOver;
    }

    private void complete(boolean isComplete) {
        complete = isComplete;
        course.complete(isComplete);
    }

    /** It was submitted with a .torrent that says this about itself. */
    public void describe(About about) {
        description = new Description(about);
    }

    /** Returns how much the torrent must have sent until the goal is met; the largest number if no total can meet one. */
    public long goalUp() {
        return state == TransferState.SEEDING && ratio != null
                ? (long) (joinedUp + Math.ceil(ratio * wantedBytes)) // a double, so that no sum overflows
                : Long.MAX_VALUE;
    }

    /** Returns whether it must run now: its files count in the merged wish. */
    public boolean isActive() {
        return switch (state) {
            case SEEDING -> true;
            case QUEUED, DOWNLOADING -> complete || slot.isHeld();
            case RESOLVING, DONE, PAUSED, BLOCKED, FAILED -> false;
        };
    }

    /** Whether its metadata is being looked for, or would be if it were not paused or its tenant suspended. */
    public boolean awaitsMetadata() {
        return magnet != null && failure == null && blocked == null;
    }

    public boolean isPlanned() {
        return torrent != null;
    }

    /** Whether it needs a download slot to run. */
    public boolean needsSlot() {
        return (state == TransferState.QUEUED || state == TransferState.DOWNLOADING) && !complete;
    }

    /** The tenant has a slot for it. */
    public void grantSlot(long downSoFar, Instant now) {
        slot.grant(downSoFar, now);
    }

    /** It waits for a slot, at the end of the queue unless it waits already. */
    public void awaitSlot(Instant now) {
        clearStalled();
        course.move(state, TransferState.QUEUED);
        state = TransferState.QUEUED;
        slot.await(now.truncatedTo(ChronoUnit.MICROS));
    }

    /** Charges files that were not charged before; {@code length} is theirs together. */
    public void charge(BitSet files, long length) {
        charge.add(files, length);
    }

    private void reconsider() {
        if (isPlanned()) {
            clearStalled();
        }
        enter(resting());
    }

    /** The state that follows from the wishes alone, before the fleet has reported anything. */
    private TransferState resting() {
        if (isBlocked()) {
            return TransferState.BLOCKED;
        }
        if (failure != null) {
            return TransferState.FAILED;
        }
        if (paused) {
            return TransferState.PAUSED;
        }
        return isPlanned() ? TransferState.QUEUED : TransferState.RESOLVING;
    }

    private void enter(TransferState next) {
        if (next != TransferState.RESOLVING) {
            resolvingSince = null;
        } else if (state != next || resolvingSince == null) {
            resolvingSince = Instant.now();
        }
        course.move(state, next);
        state = next;
        if (!isWorkedOn()) {
            clearStalled();
        }
        if (!needsSlot()) {
            slot.release();
        }
    }

    private boolean isWorkedOn() {
        return switch (state) {
            case RESOLVING, QUEUED, DOWNLOADING, SEEDING -> true;
            case DONE, PAUSED, BLOCKED, FAILED -> false;
        };
    }

    private void clearStalled() {
        stalled = null;
        stalledSince = null;
    }

    public UUID id() {
        return id;
    }

    public UUID tenant() {
        return tenant;
    }

    /** Returns the owner of its content, now that the metadata says whether it is private. */
    public Owner owner(boolean isPrivate) {
        return Owners.of(tenant, pool, isPrivate || privateAsked);
    }

    /** Returns the pool that owns its content unless the metadata says that it is private; null if no pool can own it. */
    public @Nullable UUID pool() {
        return pool;
    }

    /** Its metadata says that it is private: what the pool has is none of its business. */
    public void keepFromPool() {
        pool = null;
    }

    public InfoHash infoHash() {
        return InfoHash.ofHex(infoHash);
    }

    /** The torrent, once its metadata is known. */
    public Optional<TorrentId> torrent() {
        return Optional.ofNullable(torrent).map(TorrentId::new);
    }

    /** Returns its name, cleaned. */
    public String name() {
        return name;
    }

    /** Returns the name by which lists are ordered. */
    String sortName() {
        return marks.sortName();
    }

    /** Returns the bytes of all files of its torrent; 0 until they are known. */
    public long size() {
        return size;
    }

    /** Returns its number in the library. */
    public int number() {
        return marks.number();
    }

    public Labels labels() {
        return marks.labels();
    }

    /** Returns the id of the category that it is filed under, which may just have been deleted; null if there is none. */
    public @Nullable UUID category() {
        return marks.category();
    }

    /** Returns the name that the tenant has given to it; null if the torrent's name is shown. */
    public @Nullable String displayName() {
        return marks.displayName();
    }

    /** The link, until its metadata is known. */
    public @Nullable String magnet() {
        return magnet;
    }

    /** Returns the trackers, web seeds and peers that were submitted with it. */
    public Sources sources() {
        return sources;
    }

    public boolean privateAsked() {
        return privateAsked;
    }

    public Wanted wanted() {
        return wanted;
    }

    public boolean paused() {
        return paused;
    }

    /** Returns when it has seeded enough. */
    public Goals goals() {
        return new Goals(ratio, course.seedingLimit(), course.idleLimit());
    }

    /** Returns when all that it wants was last found stored; null while something is missing. */
    public @Nullable Instant completedAt() {
        return course.completedAt();
    }

    /** Returns for how many seconds it has been downloading in all. */
    public long secondsDownloading(Instant now) {
        return course.seconds(TransferState.DOWNLOADING, state, now);
    }

    /** Returns for how many seconds it has been seeding in all. */
    public long secondsSeeding(Instant now) {
        return course.seconds(TransferState.SEEDING, state, now);
    }

    /** Returns what its .torrent said about itself. */
    public About about() {
        return description == null ? About.NOTHING : description.about();
    }

    public TransferState state() {
        return state;
    }

    public @Nullable Failure failure() {
        return failure;
    }

    /** Returns why it makes no progress; null while it does. */
    public StatusRecord.@Nullable Reason stalled() {
        return stalled;
    }

    public @Nullable Instant stalledSince() {
        return stalledSince;
    }

    /** Revision of its search for metadata. */
    public long rev() {
        return rev;
    }

    /** Bytes of the segments that it takes; 0 until the torrent is known. */
    public long wantedBytes() {
        return wantedBytes;
    }

    /** The part of its torrent that it takes. */
    public SegmentShare share() {
        return new SegmentShare(wantedSegments == null ? null : BitSet.valueOf(wantedSegments), wantedBytes);
    }

    /** Returns the bytes that the torrent had uploaded before this transfer joined. */
    public long joinedUp() {
        return joinedUp;
    }

    public Instant createdAt() {
        return createdAt;
    }

    /** Why it is blocked; null if it is not. */
    public @Nullable Block block() {
        if (blocked == Block.DENIED) {
            return blocked;
        }
        return suspended ? Block.SUSPENDED : blocked;
    }

    public boolean isBlocked() {
        return block() != null;
    }

    /** Whether it was blocked by a denial, and was not started since. */
    public boolean isDenied() {
        return blocked == Block.DENIED;
    }

    /** Whether it waits until the tenant may store its files. */
    public boolean isOverQuota() {
        return blocked == Block.QUOTA;
    }

    /** Whether its metadata lies at its key of resolved metadata. */
    public boolean keepsMetadata() {
        return metadataKept;
    }

    /** Since when it waits for a download slot; null if it does not. */
    public @Nullable Instant queuedSince() {
        return slot.queuedSince();
    }

    public boolean isQueued() {
        return slot.queuedSince() != null;
    }

    public boolean holdsSlot() {
        return slot.isHeld();
    }

    /** When the holder of a slot last made progress; null without a slot. */
    public @Nullable Instant progressedAt() {
        return slot.progressedAt();
    }

    /** Those of {@code files} that it is not charged for. */
    public BitSet uncharged(BitSet files) {
        return charge.missing(files);
    }

    /** Whether the file was ever wanted in this generation, and so may be read. */
    public boolean isCharged(int file) {
        return charge.contains(file);
    }

    /** Returns the bytes that it uses of its tenant's quota. */
    public long chargedBytes() {
        return charge.bytes();
    }
}
