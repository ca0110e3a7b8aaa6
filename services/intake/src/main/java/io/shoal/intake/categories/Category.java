package io.shoal.intake.categories;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A name under which a tenant files transfers, each under one at most. It exists without transfers too. Transfers refer to its id, so
 * a new name changes no transfer.
 */
@Entity
@Table(name = "category")
public class Category {
    @Id
    private UUID id;

    @Column(name = "tenant_id")
    private UUID tenant;

    @Column(name = "name")
    private String name;

    @Column(name = "save_path")
    private @Nullable String savePath;

    @Column(name = "deleted")
    private boolean deleted;

    @Column(name = "created_at")
    private Instant createdAt;

    /** For Hibernate. */
    protected Category() {}

    Category(UUID tenant, String name, @Nullable String savePath) {
        this.id = UUID.randomUUID();
        this.tenant = tenant;
        this.name = name;
        this.savePath = savePath;
        this.createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    void rename(String newName) {
        name = newName;
    }

    void moveTo(@Nullable String newPath) {
        savePath = newPath;
    }

    /** It exists no more; transfers still refer to it for a moment. */
    void delete() {
        deleted = true;
    }

    public UUID id() {
        return id;
    }

    public UUID tenant() {
        return tenant;
    }

    public String name() {
        return name;
    }

    /** Returns the folder that clients are shown for its transfers; null if it was given none. */
    public @Nullable String savePath() {
        return savePath;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
