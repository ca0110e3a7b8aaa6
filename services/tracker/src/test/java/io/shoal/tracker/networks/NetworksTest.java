package io.shoal.tracker.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
    private static Address address(String text) {
        return Objects.requireNonNull(AddressText.parse(text), text);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,        10.255.0.1,       true",
        "10.0.0.0/8,        11.0.0.0,         false",
        "10.0.0.0/8,        ::ffff:10.0.0.1,  true",
        "192.0.2.7,         192.0.2.7,        true",
        "192.0.2.7,         192.0.2.6,        false",
        "0.0.0.0/0,         203.0.113.1,      true",
        "0.0.0.0/0,         2001:db8::1,      false",
        "::/0,              203.0.113.1,      true",
        "2001:db8::/33,     2001:db8:7fff::1, true",
        "2001:db8::/33,     2001:db8:8000::1, false",
        "2001:db8::/66,     2001:db8::3fff:0:0:1, true",
        "2001:db8::/66,     2001:db8::4000:0:0:1, false",
        "::1,               ::1,              true"
    })
    void aNetworkContainsItsAddresses(String network, String address, boolean contained) {
        assertThat(Networks.of(List.of(network)).contain(address(address))).isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "10.0.0/8x"})
    void whatIsNoNetworkIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Networks.of(List.of(text)))
                .withMessageContaining("no network");
    }

    @Test
    void row10AMappedAddressIsTheIpv4Address() {
        Address mapped = address("[::ffff:192.0.2.1]");
        assertThat(mapped).isEqualTo(address("192.0.2.1")).hasToString("192.0.2.1");
        assertThat(mapped.bytes()).hasSize(4);
    }

    @Test
    void privateAddressesAreToldFromPublicOnes() {
        for (String text :
                List.of("127.0.0.1", "10.1.1.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "fd00::1", "::1")) {
            assertThat(address(text).isPrivate()).as(text).isTrue();
        }
        for (String text : List.of("8.8.8.8", "2001:4860::1", "172.32.0.1")) {
            assertThat(address(text).isPrivate()).as(text).isFalse();
        }
    }

    @Test
    void namesAndZonesAreNoAddresses() {
        for (String text : List.of("example.org", "1.2.3", "fe80::1%eth0", "", "1.2.3.4.5", "x".repeat(500))) {
            assertThat(AddressText.parse(text)).as(text).isNull();
        }
    }
}
