package io.shoal.intake.access;

import io.shoal.intake.tenants.KeyHolder;
import io.shoal.intake.tenants.KeyUser;
import io.shoal.intake.tenants.Scope;
import io.shoal.intake.tenants.TenantState;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's API key, or a session of one, as it was when it was looked up.
 *
 * @param limit how many requests the key may send to all replicas, with those of its sessions
 */
public record Credential(KeyHolder holder, RequestLimit limit) {
    /** Returns the id of the key. */
    public UUID key() {
        return holder.key();
    }

    /** Returns the session; null: the key itself was sent. */
    public @Nullable UUID session() {
        return holder.session();
    }

    public UUID tenant() {
        return holder.tenant();
    }

    public TenantState state() {
        return holder.state();
    }

    public boolean has(Scope scope) {
        return holder.scopes().has(scope);
    }

    /** Returns the label that an app key is bound to; null: the key is none. */
    public @Nullable String label() {
        return holder.label();
    }

    /** Returns what a request with it was authenticated with. */
    public KeyUser user() {
        return new KeyUser(tenant(), key(), session());
    }

    /** Returns what it is found by: the id of the session, else of the key. */
    UUID id() {
        UUID session = session();
        return session == null ? key() : session;
    }

    boolean isExpired(Instant now) {
        Instant expiry = holder.expiresAt();
        return expiry != null && !expiry.isAfter(now);
    }
}
