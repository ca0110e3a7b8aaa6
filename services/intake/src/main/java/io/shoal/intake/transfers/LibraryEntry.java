package io.shoal.intake.transfers;

import io.shoal.bittorrent.InfoHash;
import io.shoal.intake.torrents.Owner;
import io.shoal.intake.torrents.Owners;
import io.shoal.intake.torrents.Sources;
import jakarta.persistence.Column;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a transfer is: in whose library, of which info-hash, and whose its content is. Nothing of it changes the transfer's state.
 *
 * <p>It embeds nothing: Hibernate cannot enhance embedded fields that are inherited.
 */
@MappedSuperclass
public abstract class LibraryEntry {
    @Id
    private UUID id;

    @Column(name = "tenant_id")
    private UUID tenant;

    @Column(name = "pool_id")
    private @Nullable UUID pool;

    @Column(name = "info_hash")
    private String infoHash;

    @Column(name = "sources")
    private Sources sources;

    @Column(name = "private")
    private boolean privateAsked;

    @Column(name = "created_at")
    private Instant createdAt;

    /** For Hibernate. */
    protected LibraryEntry() {}

    LibraryEntry(UUID tenant, @Nullable UUID pool, InfoHash infoHash, Sources sources, boolean privateAsked) {
        this.id = UUID.randomUUID();
        this.tenant = tenant;
        this.pool = privateAsked ? null : pool;
        this.infoHash = infoHash.hex();
        this.sources = sources;
        this.privateAsked = privateAsked;
        this.createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    void replaceSources(Sources known) {
        sources = known;
    }

    /** Its metadata says that it is private: no pool may own its content. */
    public void keepFromPool() {
        pool = null;
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

    public InfoHash infoHash() {
        return InfoHash.ofHex(infoHash);
    }

    /** Returns the trackers, web seeds and peers that were submitted with it. */
    public Sources sources() {
        return sources;
    }

    public boolean privateAsked() {
        return privateAsked;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
