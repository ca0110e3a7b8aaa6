package io.shoal.tracker.admission;

import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.records.AdmissionRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Whose each passkey is. Only hashes are known here, so nothing that is written anywhere can tell a passkey. One thread tells
 * what changed; any thread asks.
 */
public final class Passkeys {
    private final int locations;
    private final Map<PasskeyHash, AdmissionRecord.Passkey> passkeys = new HashMap<>();
    private final Map<UUID, AdmissionRecord.TenantRules> rules = new HashMap<>();
    private final Map<PasskeyHash, Member> members = new ConcurrentHashMap<>();
    private final LongAdder strangers = new LongAdder();

    /**
     * @param locations at which a user may be at once, where his tenant has no rule of its own
     */
    public Passkeys(int locations) {
        this.locations = locations;
    }

    /** Who bears {@code passkey}; null if nobody does any more. */
    @Nullable
    Member bearer(PasskeyHash passkey) {
        Member member = members.get(passkey);
        if (member == null) {
            strangers.increment();
        }
        return member;
    }

    /** Whose {@code passkey} is; a lower revision than the one in force is ignored. */
    public void put(PasskeyHash passkey, AdmissionRecord.Passkey record) {
        AdmissionRecord.Passkey old = passkeys.get(passkey);
        if (old == null || record.rev() >= old.rev()) {
            passkeys.put(passkey, record);
            settle(passkey, record);
        }
    }

    /** Nothing is known of {@code passkey} any more. */
    public void forget(PasskeyHash passkey) {
        passkeys.remove(passkey);
        members.remove(passkey);
    }

    /** The rules for the users of {@code tenant}; a lower revision than the one in force is ignored. */
    public void rule(UUID tenant, AdmissionRecord.TenantRules record) {
        AdmissionRecord.TenantRules old = rules.get(tenant);
        if (old == null || record.rev() >= old.rev()) {
            rules.put(tenant, record);
            settleAll(tenant);
        }
    }

    /** {@code tenant} has no rules of its own any more. */
    public void unrule(UUID tenant) {
        rules.remove(tenant);
        settleAll(tenant);
    }

    private void settleAll(UUID tenant) {
        passkeys.forEach((passkey, record) -> {
            if (record.tenant().equals(tenant)) {
                settle(passkey, record);
            }
        });
    }

    private void settle(PasskeyHash passkey, AdmissionRecord.Passkey record) {
        AdmissionRecord.TenantRules rule = rules.get(record.tenant());
        if (record.revoked() || rule != null && !rule.enabled()) {
            members.remove(passkey);
        } else {
            Integer own = rule == null ? null : rule.locations();
            members.put(passkey, new Member(record.tenant(), record.user(), own == null ? locations : own));
        }
    }

    /** How many passkeys open something. */
    public int size() {
        return members.size();
    }

    /** How often somebody came with a passkey that is nobody's. */
    public long strangers() {
        return strangers.sum();
    }
}
