package io.shoal.intake.admission;

import io.shoal.bittorrent.InfoHash;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A torrent that the tracker serves although it is not registered; the reason is for the operator only. */
@Entity
@Table(name = "allowed_torrent")
public class AllowedTorrent {
    @Id
    @Column(name = "info_hash")
    private String infoHash;

    @Column(name = "reason")
    private @Nullable String reason;

    @Column(name = "rev")
    private long rev;

    @Column(name = "changed_at")
    private Instant changedAt;

    /** For Hibernate. */
    protected AllowedTorrent() {}

    public InfoHash infoHash() {
        return InfoHash.ofHex(infoHash);
    }

    public @Nullable String reason() {
        return reason;
    }

    public long rev() {
        return rev;
    }

    public Instant changedAt() {
        return changedAt;
    }
}
