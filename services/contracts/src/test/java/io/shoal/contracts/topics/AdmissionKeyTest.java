package io.shoal.contracts.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.PasskeyHash;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AdmissionKeyTest {
    private static final String HASH = "0123456789abcdef0123456789abcdef01234567";

    @Test
    void aPasskeyIsNamedByItsSha256() {
        // echo -n 0123456789abcdef0123456789abcdef | sha256sum
        String sha256 = "3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9";
        assertThat(PasskeyHash.of("0123456789abcdef".repeat(2))).hasToString(sha256);
        assertThat(PasskeyHash.parse(sha256)).isEqualTo(PasskeyHash.of("0123456789abcdef".repeat(2)));
    }

    @Test
    void everyKindOfKeyIsReadAsItWasWritten() {
        UUID tenant = UUID.fromString("00000000-0000-0001-0000-000000000002");
        for (AdmissionKey key : List.of(
                new AdmissionKey.OfPasskey(PasskeyHash.of("x")),
                new AdmissionKey.OfTorrent(InfoHash.ofHex(HASH)),
                new AdmissionKey.OfTenant(tenant))) {
            assertThat(AdmissionKey.parse(key.toString())).isEqualTo(key);
        }
        assertThat(new AdmissionKey.OfTenant(tenant)).hasToString("tenant/" + tenant);
        assertThat(new AdmissionKey.OfTorrent(InfoHash.ofHex(HASH))).hasToString("list/" + HASH);
    }

    @Test
    void whatIsNoKeyIsRefused() {
        for (String text : List.of(
                "",
                "passkey/",
                "passkey/" + "g".repeat(64),
                "passkey/" + "AB".repeat(32),
                "list/" + HASH + "0",
                "list/" + HASH.toUpperCase(java.util.Locale.ROOT),
                "tenant/1-2-3-4-5",
                "tenant/",
                "user/x")) {
            assertThatThrownBy(() -> AdmissionKey.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
