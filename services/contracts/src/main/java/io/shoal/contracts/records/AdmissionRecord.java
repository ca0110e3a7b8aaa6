package io.shoal.contracts.records;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.shoal.contracts.topics.AdmissionKey;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code shoal.admission}: the users and torrents that the tracker admits, beside the torrents that are registered. State: the
 * newest record of a key is in force, a lower revision is ignored. The subject of the record is in its key ({@link AdmissionKey}).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = AdmissionRecord.Passkey.class, name = "passkey"),
    @JsonSubTypes.Type(value = AdmissionRecord.Listed.class, name = "list"),
    @JsonSubTypes.Type(value = AdmissionRecord.TenantRules.class, name = "tenant"),
})
public sealed interface AdmissionRecord {
    /** No user may be at more places. */
    int LOCATIONS_MOST = 100;

    /** The version of this record: 1. */
    int v();

    /** Rises with every change of the key. */
    long rev();

    /**
     * The user of a passkey.
     *
     * @param tenant whose users' torrents it opens
     * @param user who announces with it
     * @param revoked whether it opens nothing any more; a state, so that no reader misses it
     */
    record Passkey(int v, long rev, UUID tenant, UUID user, boolean revoked) implements AdmissionRecord {
        public Passkey {
            Require.present(tenant, "tenant");
            Require.present(user, "user");
        }
    }

    /** The operator's rule for one torrent. Without a record of it, it is served if it is registered. */
    record Listed(int v, long rev, Rule rule) implements AdmissionRecord {
        public Listed {
            Require.present(rule, "rule");
        }
    }

    /** The decision of a list. */
    enum Rule {
        /** Served although it is not registered. */
        ALLOW,
        /** Never served. */
        DENY
    }

    /**
     * The operator's rules for a tenant.
     *
     * @param enabled whether its passkeys open anything
     * @param locations clients (peer ids) with which one user may have one torrent at once, 1 to {@link #LOCATIONS_MOST}; null:
     *     as the tracker is configured
     * @param linksVoidBefore seconds since 1970-01-01; storage refuses links to content that were issued earlier; 0: none
     */
    record TenantRules(
            int v, long rev, boolean enabled, @Nullable Integer locations, long linksVoidBefore)
            implements AdmissionRecord {
        public TenantRules {
            if (linksVoidBefore < 0) {
                throw new IllegalArgumentException("linksVoidBefore is 0 or later");
            }
            if (locations != null && (locations < 1 || locations > LOCATIONS_MOST)) {
                throw new IllegalArgumentException("locations are 1 to " + LOCATIONS_MOST);
            }
        }
    }
}
