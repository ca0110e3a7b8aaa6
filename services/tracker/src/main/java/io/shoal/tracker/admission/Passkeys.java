package io.shoal.tracker.admission;

import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.records.AdmissionRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The users of the passkeys. Only hashes are known here, so no output can reveal a passkey. One thread writes; any thread
 * reads.
 */
public final class Passkeys {
    private final int locations;
    private final Map<PasskeyHash, AdmissionRecord.Passkey> passkeys = new HashMap<>();
    private final Map<UUID, AdmissionRecord.TenantRules> rules = new HashMap<>();
    private final Map<PasskeyHash, Member> members = new ConcurrentHashMap<>();
    private final Consumer<PasskeyHash> changed;

    /**
     * @param locations at which a user may be at once, unless the tenant has a rule of its own
     * @param changed is called after what is known of a passkey has changed
     */
    public Passkeys(int locations, Consumer<PasskeyHash> changed) {
        this.locations = locations;
        this.changed = changed;
    }

    /** The member who has {@code passkey}; null if it is unknown or revoked. */
    @Nullable
    Member member(PasskeyHash passkey) {
        return members.get(passkey);
    }

    /** Records the user of {@code passkey}; a lower revision than the one in force is ignored. */
    public void put(PasskeyHash passkey, AdmissionRecord.Passkey record) {
        AdmissionRecord.Passkey old = passkeys.get(passkey);
        if (old == null || record.rev() >= old.rev()) {
            passkeys.put(passkey, record);
            apply(passkey, record);
        }
    }

    /** Removes {@code passkey}. */
    public void forget(PasskeyHash passkey) {
        passkeys.remove(passkey);
        members.remove(passkey);
    }

    /** The rules for the users of {@code tenant}; a lower revision than the one in force is ignored. */
    public void rule(UUID tenant, AdmissionRecord.TenantRules record) {
        AdmissionRecord.TenantRules old = rules.get(tenant);
        if (old == null || record.rev() >= old.rev()) {
            rules.put(tenant, record);
            applyAll(tenant);
        }
    }

    /** {@code tenant} has no rules of its own any more. */
    public void unrule(UUID tenant) {
        rules.remove(tenant);
        applyAll(tenant);
    }

    private void applyAll(UUID tenant) {
        passkeys.forEach((passkey, record) -> {
            if (record.tenant().equals(tenant)) {
                apply(passkey, record);
            }
        });
    }

    private void apply(PasskeyHash passkey, AdmissionRecord.Passkey record) {
        AdmissionRecord.TenantRules rule = rules.get(record.tenant());
        if (record.revoked() || rule != null && !rule.enabled()) {
            members.remove(passkey);
        } else {
            Integer own = rule == null ? null : rule.locations();
            members.put(passkey, new Member(record.tenant(), record.user(), own == null ? locations : own));
        }
        changed.accept(passkey);
    }

    /** The number of passkeys in force. */
    public int size() {
        return members.size();
    }
}
