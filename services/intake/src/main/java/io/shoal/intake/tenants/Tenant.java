package io.shoal.intake.tenants;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** An isolated customer. Every resource of a tenant carries its id, and no other tenant can learn that it exists. */
@Entity
@Table(name = "tenant")
public class Tenant {
    @Id
    private UUID id;

    @Column(name = "name")
    private String name;

    @Column(name = "state")
    @Enumerated(EnumType.STRING)
    private TenantState state;

    @Column(name = "created_at")
    private Instant createdAt;

    /** For Hibernate. */
    protected Tenant() {}

    Tenant(UUID id, String name, Instant createdAt) {
        this.id = id;
        this.name = name;
        this.state = TenantState.ACTIVE;
        this.createdAt = createdAt;
    }

    public UUID id() {
        return id;
    }

    public String name() {
        return name;
    }

    public TenantState state() {
        return state;
    }

    void become(TenantState next) {
        state = next;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
