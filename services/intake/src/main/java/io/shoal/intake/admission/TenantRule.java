package io.shoal.intake.admission;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The operator's rule for a tenant: what its users may do at the tracker, and which links to its content are void. It follows the tenant's
 * state, and outlives the tenant until its last link has expired.
 */
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

    @Column(name = "suspended")
    private boolean suspended;

    @Column(name = "links_void_before")
    private long linksVoidBefore;

    @Column(name = "forget_at")
    private @Nullable Instant forgetAt;

    @Column(name = "rev")
    private long rev;

    /** How long a replica uses a cached key, and how long a request that was let through may still run. */
    private static final Duration KEYS_REMEMBERED = Duration.ofSeconds(15);

    /** For Hibernate. */
    protected TenantRule() {}

    TenantRule(UUID tenant) {
        this.tenant = tenant;
        this.enabled = true;
    }

    /**
     * The tenant is suspended or being deleted: passkeys admit nothing, and links that were issued until now are void, with those that
     * other replicas mint while they still remember its keys.
     */
    void suspend(Instant now, long nextRev) {
        suspended = true;
        linksVoidBefore = now.plus(KEYS_REMEMBERED).getEpochSecond() + 1;
        rev = nextRev;
    }

    /** The tenant is active again; links that were void stay void. */
    void resume(long nextRev) {
        suspended = false;
        rev = nextRev;
    }

    /** The tenant is gone; the rule holds until {@code moment}. */
    void forgetAt(Instant moment) {
        forgetAt = moment;
    }

    void rule(boolean nowEnabled, @Nullable Integer nowLocations, long nextRev) {
        enabled = nowEnabled;
        locations = nowLocations;
        rev = nextRev;
    }

    /** Returns whether the tenant's passkeys admit anything: the operator allows it, and the tenant is active. */
    public boolean admits() {
        return enabled && !suspended;
    }

    /** Returns the time, in seconds since 1970-01-01, before which issued links are void; 0: none are. */
    public long linksVoidBefore() {
        return linksVoidBefore;
    }

    /** Returns whether the tenant is gone. */
    public boolean isLeftOver() {
        return forgetAt != null;
    }

    public UUID tenant() {
        return tenant;
    }

    /** Returns whether the operator allows the tenant's passkeys. */
    public boolean enabled() {
        return enabled;
    }

    /** Returns from how many clients one user may announce a torrent at once; null: as the tracker is configured. */
    public @Nullable Integer locations() {
        return locations;
    }

    public long rev() {
        return rev;
    }
}
