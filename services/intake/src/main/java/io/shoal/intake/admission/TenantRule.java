package io.shoal.intake.admission;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the operator allows a tenant's users at the tracker. */
@Entity
@Table(name = "tenant_rule")
public class TenantRule {
    @Id
    @Column(name = "tenant_id")
    private UUID tenant;

    @Column(name = "enabled")
    private boolean enabled;

    @Column(name = "locations")
    private @Nullable Integer locations;

    @Column(name = "rev")
    private long rev;

    /** For Hibernate. */
    protected TenantRule() {}

    TenantRule(UUID tenant) {
        this.tenant = tenant;
    }

    void rule(boolean nowEnabled, @Nullable Integer nowLocations, long nextRev) {
        enabled = nowEnabled;
        locations = nowLocations;
        rev = nextRev;
    }

    /** Whether the tenant's passkeys open anything. */
    public boolean enabled() {
        return enabled;
    }

    /** At how many places a user may have a torrent at once; null: as the tracker is configured. */
    public @Nullable Integer locations() {
        return locations;
    }

    public long rev() {
        return rev;
    }
}
