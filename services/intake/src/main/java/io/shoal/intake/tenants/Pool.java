package io.shoal.intake.tenants;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** Tenants that share stored public content. Only the operator creates pools and says which tenant is in which. */
@Entity
@Table(name = "pool")
public class Pool {
    @Id
    private UUID id;

    @Column(name = "name")
    private String name;

    @Column(name = "down_rate")
    private long downRate;

    @Column(name = "up_rate")
    private long upRate;

    @Column(name = "created_at")
    private Instant createdAt;

    /** For Hibernate. */
    protected Pool() {}

    Pool(UUID id, String name, Instant createdAt) {
        this.id = id;
        this.name = name;
        this.createdAt = createdAt;
    }

    public UUID id() {
        return id;
    }

    public String name() {
        return name;
    }

    /** Returns how many bytes its torrents may receive per second, all together; 0 for no limit. */
    public long downRate() {
        return downRate;
    }

    /** Returns how many bytes its torrents may send per second, all together; 0 for no limit. */
    public long upRate() {
        return upRate;
    }

    void setRates(long down, long up) {
        downRate = down;
        upRate = up;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
