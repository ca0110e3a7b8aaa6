package io.shoal.intake.records;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.intake.admission.AllowedTorrent;
import io.shoal.intake.admission.DenyList;
import io.shoal.intake.admission.OperatorRules;
import io.shoal.intake.admission.Passkey;
import io.shoal.intake.admission.Passkeys;
import io.shoal.intake.admission.TenantRule;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes the records of {@code shoal.admission} from the tables of passkeys, lists and rules. */
@ApplicationScoped
class AdmissionRecords {
    private static final int VERSION = 1;

    private final Passkeys passkeys;
    private final OperatorRules rules;
    private final DenyList deniedTorrents;

    AdmissionRecords(Passkeys passkeys, OperatorRules rules, DenyList deniedTorrents) {
        this.passkeys = passkeys;
        this.rules = rules;
        this.deniedTorrents = deniedTorrents;
    }

    /** The rows of some keys. */
    record Rows(
            Map<PasskeyHash, Passkey> passkeys,
            Map<InfoHash, Long> denied,
            Map<InfoHash, AllowedTorrent> allowed,
            Map<UUID, TenantRule> tenants) {
        /** Returns the record of one of the keys that were read; empty if there is none. */
        Optional<AdmissionRecord> of(AdmissionKey key) {
            return Optional.ofNullable(
                    switch (key) {
                        case AdmissionKey.OfPasskey(var hash) -> passkey(passkeys.get(hash));
                        case AdmissionKey.OfTorrent(var infoHash) ->
                            listed(denied.get(infoHash), allowed.get(infoHash));
                        case AdmissionKey.OfTenant(var tenant) -> rules(tenants.get(tenant));
                    });
        }
    }

    /** Inside a transaction: reads what these keys name. */
    Rows read(List<AdmissionKey> keys) {
        List<PasskeyHash> hashes = new ArrayList<>();
        List<InfoHash> infoHashes = new ArrayList<>();
        List<UUID> tenants = new ArrayList<>();
        for (AdmissionKey key : keys) {
            switch (key) {
                case AdmissionKey.OfPasskey(var hash) -> hashes.add(hash);
                case AdmissionKey.OfTorrent(var infoHash) -> infoHashes.add(infoHash);
                case AdmissionKey.OfTenant(var tenant) -> tenants.add(tenant);
            }
        }
        return new Rows(
                hashes.isEmpty() ? Map.of() : byId(passkeys.withHashes(hashes), Passkey::hash),
                infoHashes.isEmpty() ? Map.of() : deniedTorrents.revs(infoHashes),
                infoHashes.isEmpty() ? Map.of() : byId(rules.allowed(infoHashes), AllowedTorrent::infoHash),
                tenants.isEmpty() ? Map.of() : byId(rules.ofTenants(tenants), TenantRule::tenant));
    }

    private static <K, V> Map<K, V> byId(Collection<V> rows, Function<V, K> id) {
        return rows.stream().collect(Collectors.toMap(id, Function.identity()));
    }

    private static @Nullable AdmissionRecord passkey(@Nullable Passkey passkey) {
        return passkey == null
                ? null
                : new AdmissionRecord.Passkey(
                        VERSION, passkey.rev(), passkey.tenant(), passkey.id(), passkey.isRevoked());
    }

    /** A torrent that is both allowed and denied is denied. */
    private static @Nullable AdmissionRecord listed(@Nullable Long denied, @Nullable AllowedTorrent allowed) {
        if (denied != null) {
            return new AdmissionRecord.Listed(VERSION, denied, AdmissionRecord.Rule.DENY);
        }
        return allowed == null ? null : new AdmissionRecord.Listed(VERSION, allowed.rev(), AdmissionRecord.Rule.ALLOW);
    }

    private static @Nullable AdmissionRecord rules(@Nullable TenantRule rule) {
        return rule == null
                ? null
                : new AdmissionRecord.TenantRules(
                        VERSION, rule.rev(), rule.admits(), rule.locations(), rule.linksVoidBefore());
    }
}
