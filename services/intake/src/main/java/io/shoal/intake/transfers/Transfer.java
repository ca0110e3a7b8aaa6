package io.shoal.intake.transfers;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.intake.torrents.Sources;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.DynamicUpdate;
import org.jspecify.annotations.Nullable;

/**
 * One torrent in one library, with the tenant's wishes. A library holds an info-hash once, be it as a magnet or as a
 * .torrent; so a magnet can never turn out to be a torrent that another transfer of the tenant has.
 *
 * <p>Its state is what the tenant sees. Every method that changes a wish leaves it in the state that follows.
 */
@Entity
@Table(name = "transfer")
@DynamicUpdate
public class Transfer {
    @Id
    private UUID id;

    @Column(name = "tenant_id")
    private UUID tenant;

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

    @Column(name = "joined_up")
    private long joinedUp;

    @Column(name = "created_at")
    private Instant createdAt;

    /** For Hibernate. */
    protected Transfer() {}

    /**
     * What a tenant may ask for when adding a torrent.
     *
     * @param wanted files; indexes that the torrent turns out not to have mean nothing
     * @param privateAsked whether only the trackers that came with it may give peers, whatever its metadata says
     * @param ratio how much is to be given back, as a multiple of the wanted bytes; null: seed until removed
     */
    public record AddOptions(
            Wanted wanted,
            boolean paused,
            boolean privateAsked,
            @Nullable Double ratio) {}

    /** A transfer that was just added. It is planned, or resolved, before its transaction ends. */
    public Transfer(UUID tenant, InfoHash infoHash, String name, Sources sources, AddOptions options) {
        this.id = UUID.randomUUID();
        this.tenant = tenant;
        this.infoHash = infoHash.hex();
        this.name = name;
        this.sources = sources;
        this.privateAsked = options.privateAsked;
        this.wanted = options.wanted;
        this.paused = options.paused;
        this.ratio = options.ratio;
        this.state = paused ? TransferState.PAUSED : TransferState.RESOLVING;
        this.createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** Begins, or begins again, to look for the metadata. */
    public void resolve(String uri, long nextRev) {
        magnet = uri;
        failure = null;
        resolvingSince = paused ? null : Instant.now();
        rev = nextRev;
        state = paused ? TransferState.PAUSED : TransferState.RESOLVING;
    }

    /**
     * Its torrent is known.
     *
     * @param files the wish, now that the files are known
     * @param bytes of the segments that it takes
     * @param upSoFar what the torrent has given before this transfer joined
     */
    public void plan(TorrentId id, String knownName, Sources known, Wanted files, long bytes, long upSoFar) {
        torrent = id.value();
        name = knownName;
        sources = known;
        wanted = files;
        wantedBytes = bytes;
        joinedUp = upSoFar;
        magnet = null;
        failure = null;
        resolvingSince = null;
        clearStalled();
        state = paused ? TransferState.PAUSED : TransferState.QUEUED;
    }

    /** The search is given up. */
    public void fail(Failure reason) {
        failure = reason;
        state = TransferState.FAILED;
        clearStalled();
    }

    /** The tenant wants other files; {@code bytes} is what they take, once the torrent is known. */
    public void want(Wanted files, long bytes) {
        wanted = files;
        wantedBytes = bytes;
        reconsider();
    }

    /** The tenant stops it or lets it go on. */
    public void pause(boolean stop, long nextRev) {
        if (stop == paused) {
            return;
        }
        paused = stop;
        if (isPlanned() || state == TransferState.FAILED) {
            reconsider();
            return;
        }
        rev = nextRev;
        resolvingSince = stop ? null : Instant.now();
        state = stop ? TransferState.PAUSED : TransferState.RESOLVING;
        clearStalled();
    }

    /** The tenant has another goal, or none. */
    public void seedTo(@Nullable Double goal) {
        ratio = goal;
        if (state == TransferState.DONE) {
            reconsider();
        }
    }

    /** What was done may have to be done again: segments are lost. */
    public void reopen() {
        if (state == TransferState.DONE || state == TransferState.SEEDING) {
            reconsider();
        }
    }

    /** The owner of its slice has reported about the newest wish. */
    public void observe(StatusRecord.State observed, StatusRecord.@Nullable Reason reason, Instant now) {
        state = state.after(observed);
        if (!isWorkedOn()) {
            clearStalled();
        } else if (reason != stalled) {
            stalled = reason;
            stalledSince = reason == null ? null : now;
        }
    }

    /**
     * All that is wanted is stored, and the torrent has given {@code up} bytes in its life: the goal may be met. Totals can fall
     * back, when a worker was killed or a torrent was orphaned for a while: then what it gives counts from there.
     */
    public void gave(long up) {
        joinedUp = Math.min(joinedUp, up);
        if (state == TransferState.SEEDING && ratio != null && up - joinedUp >= ratio * wantedBytes) {
            state = TransferState.DONE;
            clearStalled();
        }
    }

    /** Whether the fleet must do something for it. */
    public boolean isWorkedOn() {
        return switch (state) {
            case RESOLVING, QUEUED, DOWNLOADING, SEEDING -> true;
            case DONE, PAUSED, FAILED -> false;
        };
    }

    /** Whether its metadata is being looked for, or would be if it were not paused. */
    public boolean awaitsMetadata() {
        return magnet != null && state != TransferState.FAILED;
    }

    public boolean isPlanned() {
        return torrent != null;
    }

    private void reconsider() {
        if (state != TransferState.FAILED && isPlanned()) {
            state = paused ? TransferState.PAUSED : TransferState.QUEUED;
            clearStalled();
        }
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

    public InfoHash infoHash() {
        return InfoHash.ofHex(infoHash);
    }

    /** The torrent, once its metadata is known. */
    public Optional<TorrentId> torrent() {
        return Optional.ofNullable(torrent).map(TorrentId::new);
    }

    /** What to call it, cleaned. */
    public String name() {
        return name;
    }

    /** The link, until its metadata is known. */
    public @Nullable String magnet() {
        return magnet;
    }

    /** Where it said that a swarm is found. */
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

    public @Nullable Double ratio() {
        return ratio;
    }

    public TransferState state() {
        return state;
    }

    public @Nullable Failure failure() {
        return failure;
    }

    /** Why it does not get on; null while it does. */
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

    /** What the torrent had given before this transfer joined. */
    public long joinedUp() {
        return joinedUp;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
