package io.shoal.intake.torrents;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.Wanted;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.BitSet;
import java.util.function.LongSupplier;
import org.hibernate.annotations.DynamicUpdate;
import org.hibernate.annotations.Formula;
import org.jspecify.annotations.Nullable;

/**
 * The current life of a torrent id, and the merged wish of its transfers: all that its records on Kafka say is here.
 *
 * <p>Every change of what the records say takes a new revision, while the row is locked; so for one key a later commit has
 * the higher revision. Only changed columns are written, because others are written by statements of many rows.
 */
@Entity
@Table(name = "torrent")
@DynamicUpdate
public class Torrent {
    @Id
    private String id;

    @Column(name = "owner")
    private Owner owner;

    @Column(name = "gen")
    private long generation;

    @Column(name = "rev")
    private long rev;

    // Written by the sweep that shares rates, and only read here.
    @Column(name = "down_rate", insertable = false, updatable = false)
    private long downRate;

    @Column(name = "up_rate", insertable = false, updatable = false)
    private long upRate;

    @Column(name = "state")
    @Enumerated(EnumType.STRING)
    private TorrentState state;

    @Column(name = "orphaned_at")
    private @Nullable Instant orphanedAt;

    @Column(name = "info_hash")
    private String infoHash;

    @Column(name = "info_digest")
    private String infoDigest;

    @Column(name = "name")
    private String name;

    @Column(name = "size")
    private long size;

    @Column(name = "files")
    private int files;

    @Column(name = "segments")
    private int segments;

    @Column(name = "piece_length")
    private int pieceLength;

    @Column(name = "pieces")
    private int pieces;

    @Column(name = "hybrid")
    private boolean hybrid;

    @Column(name = "private")
    private boolean isPrivate;

    @Column(name = "wanted")
    private Wanted wanted;

    @Column(name = "mode")
    @Enumerated(EnumType.STRING)
    private Mode mode;

    @Column(name = "sources")
    private Sources sources;

    @Column(name = "tracked")
    private boolean tracked;

    @Column(name = "check_count")
    private int check;

    @Column(name = "stored")
    private byte[] stored;

    @Column(name = "stored_check")
    private int storedCheck;

    @Column(name = "reannounce")
    private int reannounces;

    @Column(name = "reannounced_at")
    private @Nullable Instant reannouncedAt;

    @Column(name = "verified_at")
    private @Nullable Instant verifiedAt;

    // The counters of this generation, which are written apart.
    @Formula("coalesce((select c.down from torrent_counters c where c.torrent_id = id and c.gen = gen), 0)")
    private long down;

    @Formula("coalesce((select c.up from torrent_counters c where c.torrent_id = id and c.gen = gen), 0)")
    private long up;

    /** For Hibernate. */
    protected Torrent() {}

    /**
     * What is true of a torrent in every generation: it follows from its info dictionary.
     *
     * @param infoDigest SHA-256 of the info dictionary in hexadecimal: the info-hash of version 2 (BEP 52), if it has one
     * @param isHybrid whether it has one
     */
    public record Facts(
            InfoHash infoHash,
            String infoDigest,
            boolean isHybrid,
            String name,
            long size,
            int files,
            int segments,
            int pieceLength,
            int pieces,
            boolean isPrivate) {}

    /** A torrent in its first life that is known; no transfer has it yet. */
    Torrent(TorrentId id, Owner owner, Generation generation, Facts facts) {
        this.id = id.value();
        this.owner = owner;
        begin(generation, facts);
    }

    /** Begins another life: nothing of the one before is true any more. */
    public final void begin(Generation next, Facts facts) {
        generation = next.value();
        state = TorrentState.LIVE;
        orphanedAt = null;
        infoHash = facts.infoHash.hex();
        infoDigest = facts.infoDigest;
        name = facts.name;
        size = facts.size;
        files = facts.files;
        segments = facts.segments;
        pieceLength = facts.pieceLength;
        pieces = facts.pieces;
        hybrid = facts.isHybrid;
        isPrivate = facts.isPrivate;
        wanted = Wanted.ALL;
        mode = Mode.STOP;
        sources = Sources.NONE;
        tracked = false;
        check = 0;
        stored = new byte[0];
        storedCheck = 0;
        reannounces = 0;
        reannouncedAt = null;
        verifiedAt = null;
        down = 0;
        up = 0;
    }

    /** A transfer joins: the same life goes on, also if the torrent was orphaned meanwhile. */
    void revive(boolean orIsPrivate) {
        if (state == TorrentState.ORPHANED) { // the fleet has forgotten the slice, and counts anew
            down = 0;
            up = 0;
        }
        state = TorrentState.LIVE;
        orphanedAt = null;
        isPrivate = isPrivate || orIsPrivate;
    }

    /** No transfer has it any more. */
    public void orphan(Instant now) {
        state = TorrentState.ORPHANED;
        orphanedAt = now;
        mode = Mode.STOP;
    }

    /** The life is over: the grace has passed, or the operator denies the torrent. */
    void remove(long nextRev) {
        state = TorrentState.REMOVED;
        mode = Mode.STOP;
        rev = nextRev;
    }

    /** What its transfers want together has changed. */
    public void want(Wanted files, Mode nextMode, Sources nextSources, boolean nextTracked, long nextRev) {
        wanted = files;
        mode = nextMode;
        sources = nextSources;
        tracked = nextTracked;
        rev = nextRev;
    }

    /** What was stored may not be there any more: its owner must look, once it is told. */
    public void checkStore() {
        check++;
    }

    /**
     * A tenant asks for a verification. One that is pending answers this request too, and so does one that was asked for less
     * than {@link Requests#PAUSE} ago.
     *
     * @return whether the owner must be told to check the store
     */
    public boolean verify(Instant now) {
        if (!isChecked() || !Requests.mayFollow(verifiedAt, now)) {
            return false;
        }
        verifiedAt = now;
        checkStore();
        return true;
    }

    /**
     * A tenant asks for an announce. One that was asked for less than {@link Requests#PAUSE} ago answers this request too.
     *
     * @return whether the owner must be told
     */
    public boolean reannounce(Instant now, LongSupplier nextRev) {
        if (!Requests.mayFollow(reannouncedAt, now)) {
            return false;
        }
        reannouncedAt = now;
        reannounces++;
        rev = nextRev.getAsLong();
        return true;
    }

    /** Returns whether its owner has listed the store since it was last told to. */
    public boolean isChecked() {
        return storedCheck == check;
    }

    /** Returns how often its owner was told to announce at once. */
    public int reannounces() {
        return reannounces;
    }

    /**
     * Adds what an owner reports as stored in this generation. Within a check the stored segments only become more, whichever owner
     * reports them; a report that answers to an older check is ignored.
     *
     * @param reportedCheck the check that the report answers to
     */
    public void addStored(Bits reported, int reportedCheck) {
        if (reportedCheck < storedCheck) {
            return;
        }
        BitSet all = reported.toBitSet();
        if (reportedCheck == storedCheck) {
            all.or(stored());
        }
        stored = all.toByteArray();
        storedCheck = reportedCheck;
    }

    public TorrentId id() {
        return new TorrentId(id);
    }

    /** Bytes per second that it may receive; 0 for no limit. */
    public long downRate() {
        return downRate;
    }

    /** Bytes per second that it may send; 0 for no limit. */
    public long upRate() {
        return upRate;
    }

    /** Returns the owner, which follows from the id. */
    public Owner owner() {
        return owner;
    }

    public Generation generation() {
        return new Generation(generation);
    }

    /** Keys of this life's objects. */
    public ObjectKeys keys() {
        return new ObjectKeys(id(), generation());
    }

    public long rev() {
        return rev;
    }

    public TorrentState state() {
        return state;
    }

    public InfoHash infoHash() {
        return InfoHash.ofHex(infoHash);
    }

    /** SHA-256 of the info dictionary in hexadecimal. */
    public String infoDigest() {
        return infoDigest;
    }

    /** The name that the torrent suggests, cleaned. */
    public String name() {
        return name;
    }

    /** Bytes of all files, pad files left out. */
    public long size() {
        return size;
    }

    /** Number of files, pad files counted. */
    public int files() {
        return files;
    }

    /** Number of segments that it is stored in. */
    public int segments() {
        return segments;
    }

    /** Returns the info-hash of version 2; null if the torrent has none. */
    public @Nullable String infoHashV2() {
        return hybrid ? infoDigest : null;
    }

    /** Returns the bytes of each piece but the last. */
    public int pieceLength() {
        return pieceLength;
    }

    /** Number of pieces. */
    public int pieces() {
        return pieces;
    }

    public boolean isPrivate() {
        return isPrivate;
    }

    public Wanted wanted() {
        return wanted;
    }

    public Mode mode() {
        return mode;
    }

    public Sources sources() {
        return sources;
    }

    /** Whether our tracker serves it. */
    public boolean tracked() {
        return tracked;
    }

    /** How often its owner was told to list the store again. */
    public int check() {
        return check;
    }

    /** Segments that are stored, as reported a second or two ago. */
    public BitSet stored() {
        return BitSet.valueOf(stored);
    }

    /** The check that {@link #stored} answers to. */
    public int storedCheck() {
        return storedCheck;
    }

    /** Payload bytes received, when the counters were last written. */
    public long down() {
        return down;
    }

    /** Payload bytes sent, when the counters were last written. */
    public long up() {
        return up;
    }
}
