package io.shoal.intake.admission;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A torrent for which the operator has a rule, and for himself, why. */
@Entity
@Table(name = "listed_torrent")
public class ListedTorrent {
    @Id
    @Column(name = "info_hash")
    private String infoHash;

    @Column(name = "rule")
    @Enumerated(EnumType.STRING)
    private Rule rule;

    @Column(name = "reason")
    private @Nullable String reason;

    @Column(name = "rev")
    private long rev;

    @Column(name = "changed_at")
    private Instant changedAt;

    /** For Hibernate. */
    protected ListedTorrent() {}

    public InfoHash infoHash() {
        return InfoHash.ofHex(infoHash);
    }

    public Rule rule() {
        return rule;
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
