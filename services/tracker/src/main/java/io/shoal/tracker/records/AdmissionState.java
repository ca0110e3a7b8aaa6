package io.shoal.tracker.records;

import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.tracker.admission.Passkeys;
import io.shoal.tracker.admission.Torrents;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code shoal.admission}: passkeys, the operator's lists, the rules of tenants. */
final class AdmissionState implements State {
    private final Torrents torrents;
    private final Passkeys passkeys;

    AdmissionState(Torrents torrents, Passkeys passkeys) {
        this.torrents = torrents;
        this.passkeys = passkeys;
    }

    @Override
    public Topic topic() {
        return Topic.ADMISSION;
    }

    @Override
    public void take(String key, byte @Nullable [] value) throws BadRecordException {
        AdmissionRecord record = value == null ? null : Json.read(value, AdmissionRecord.class);
        switch (AdmissionKey.parse(key)) {
            case AdmissionKey.OfPasskey(PasskeyHash passkey) -> passkey(passkey, record);
            case AdmissionKey.OfTorrent(var torrent) -> torrent(SwarmKey.of(torrent), record);
            case AdmissionKey.OfTenant(UUID tenant) -> tenant(tenant, record);
        }
    }

    private void passkey(PasskeyHash passkey, @Nullable AdmissionRecord record) throws BadRecordException {
        switch (record) {
            case null -> passkeys.forget(passkey);
            case AdmissionRecord.Passkey holder -> passkeys.put(passkey, holder);
            case AdmissionRecord other -> throw unfit(other);
        }
    }

    private void torrent(SwarmKey torrent, @Nullable AdmissionRecord record) throws BadRecordException {
        switch (record) {
            case null -> torrents.unlist(torrent);
            case AdmissionRecord.Listed listed -> torrents.list(torrent, listed.rev(), listed.rule());
            case AdmissionRecord other -> throw unfit(other);
        }
    }

    private void tenant(UUID tenant, @Nullable AdmissionRecord record) throws BadRecordException {
        switch (record) {
            case null -> passkeys.unrule(tenant);
            case AdmissionRecord.TenantRules rules -> passkeys.rule(tenant, rules);
            case AdmissionRecord other -> throw unfit(other);
        }
    }

    private static BadRecordException unfit(AdmissionRecord record) {
        return new BadRecordException(
                "a " + record.getClass().getSimpleName() + " under the key of something else", null);
    }
}
