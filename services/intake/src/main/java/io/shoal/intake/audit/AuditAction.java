package io.shoal.intake.audit;

import java.util.Locale;

/** The audited actions. Their codes are part of the API. */
public enum AuditAction {
    TENANT_CREATED,
    TENANT_SUSPENDED,
    TENANT_RESUMED,
    TENANT_DELETED,
    /** Nothing of a deleted tenant is left. */
    TENANT_REMOVED,
    /** The tenant entered a pool, or left one. */
    TENANT_POOL_CHANGED,
    POOL_CREATED,
    POOL_RATES_CHANGED,
    POOL_DELETED,
    KEY_CREATED,
    KEY_REVOKED,
    SESSION_CREATED,
    SESSION_REVOKED,
    PASSKEY_CREATED,
    PASSKEY_REVOKED,
    TORRENT_ALLOWED,
    TORRENT_DISALLOWED,
    TORRENT_DENIED,
    DENY_LIST_MERGED,
    DENIAL_WITHDRAWN,
    TENANT_RULE_CHANGED,
    QUOTA_CHANGED;

    /** Returns the name of the action in the API. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
