package io.shoal.intake.audit;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** One action. It is never changed; the database refuses it too. */
@Entity
@Immutable
@Table(name = "audit")
public class AuditEntry {
    @Id
    private UUID id;

    @Column(name = "at")
    private Instant at;

    @Column(name = "actor_kind")
    @Enumerated(EnumType.STRING)
    private Actor.Kind actorKind;

    @Column(name = "actor_id")
    private @Nullable String actorId;

    @Column(name = "address")
    private @Nullable String address;

    @Column(name = "action")
    @Enumerated(EnumType.STRING)
    private AuditAction action;

    @Column(name = "tenant_id")
    private @Nullable UUID tenant;

    @Column(name = "subject")
    private String subject;

    @Column(name = "detail")
    private @Nullable String detail;

    /** For Hibernate. */
    protected AuditEntry() {}

    AuditEntry(Actor actor, AuditAction action, @Nullable UUID tenant, String subject, @Nullable String detail) {
        this.id = UUID.randomUUID();
        this.at = Instant.now().truncatedTo(ChronoUnit.MICROS);
        this.actorKind = actor.kind();
        this.actorId = actor.id();
        this.address = actor.address();
        this.action = action;
        this.tenant = tenant;
        this.subject = subject;
        this.detail = detail;
    }

    public UUID id() {
        return id;
    }

    public Instant at() {
        return at;
    }

    public Actor actor() {
        return new Actor(actorKind, actorId, address);
    }

    public AuditAction action() {
        return action;
    }

    /** Returns the tenant that the action is about, if it is about one. */
    public @Nullable UUID tenant() {
        return tenant;
    }

    /** Returns what was acted on: the id of a tenant, key or passkey, or an info-hash. */
    public String subject() {
        return subject;
    }

    /** Returns what was set, if that says more than the action. */
    public @Nullable String detail() {
        return detail;
    }
}
