package io.shoal.contracts.topics;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.PasskeyHash;
import java.util.UUID;

/** The key of a record about users and torrents that the tracker admits. */
public sealed interface AdmissionKey {
    /** The user of a passkey. */
    record OfPasskey(PasskeyHash passkey) implements AdmissionKey {
        @Override
        public String toString() {
            return PASSKEY + passkey;
        }
    }

    /** Whether a torrent is on one of the operator's lists. */
    record OfTorrent(InfoHash torrent) implements AdmissionKey {
        @Override
        public String toString() {
            return LIST + torrent;
        }
    }

    /** The rules for a tenant's users. */
    record OfTenant(UUID tenant) implements AdmissionKey {
        @Override
        public String toString() {
            return TENANT + tenant;
        }
    }

    String PASSKEY = "passkey/";
    String LIST = "list/";
    String TENANT = "tenant/";

    /** Reads the text of a key; anything else is an {@link IllegalArgumentException}. */
    static AdmissionKey parse(String key) {
        AdmissionKey parsed = read(key);
        if (!parsed.toString().equals(key)) {
            throw new IllegalArgumentException("not a key of admission in its one form");
        }
        return parsed;
    }

    private static AdmissionKey read(String key) {
        if (key.startsWith(PASSKEY)) {
            return new OfPasskey(PasskeyHash.parse(key.substring(PASSKEY.length())));
        }
        if (key.startsWith(LIST)) {
            return new OfTorrent(InfoHash.ofHex(key.substring(LIST.length())));
        }
        if (key.startsWith(TENANT)) {
            return new OfTenant(UUID.fromString(key.substring(TENANT.length())));
        }
        throw new IllegalArgumentException("not a key of admission");
    }
}
