package io.shoal.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GlobalEgressTest {
    private final Egress egress = new GlobalEgress(List.of());

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.253.255.255",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "192.167.255.255",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2606:4700:4700::1111",
                "2001:4860:4860::8888",
                "2a00:1450::1",
                "2002:0808:0808::1",
                "64:ff9b::808:808",
                "2001:0:808:808:0:0:f7f7:f7f7"
            })
    void globalAddressesAreAllowed(String literal) {
        assertThat(egress.allows(address(literal))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.9",
                "224.0.0.1",
                "239.255.255.250",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::127.0.0.1",
                "::8.8.8.8",
                "100::1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd12:3456::1",
                "ff02::1",
                "2001:db8::1",
                "2001:2::1",
                "2001:10::1",
                "2001:20::1",
                "3fff::1",
                "4000::1",
                "64:ff9b::a00:1",
                "64:ff9b::7f00:1",
                "64:ff9b:1::808:808",
                "2002:7f00:1::1",
                "2002:c0a8:101::1",
                "2001:0:a00:1::1",
                "2001:0:808:808:0:0:80ff:fffe"
            })
    void otherAddressesAreDenied(String literal) {
        assertThat(egress.allows(address(literal))).isFalse();
    }

    @Test
    void mappedAddressesAreCheckedByTheEmbeddedOne() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        mapped[12] = 127;
        mapped[15] = 1;
        // The JDK turns these into IPv4 addresses by itself, which is judged alike.
        assertThat(egress.allows(InetAddress.getByAddress(mapped))).isFalse();
        assertThat(egress.allows(address("::ffff:10.0.0.1"))).isFalse();
        assertThat(egress.allows(address("::ffff:8.8.8.8"))).isTrue();
    }

    @Test
    void theOperatorMayAllowRanges() {
        Egress open = new GlobalEgress(Cidr.list("10.77.0.0/16", "127.0.0.1", "fd00::/8"));
        assertThat(open.allows(address("10.77.3.4"))).isTrue();
        assertThat(open.allows(address("10.78.0.0"))).isFalse();
        assertThat(open.allows(address("127.0.0.1"))).isTrue();
        assertThat(open.allows(address("127.0.0.2"))).isFalse();
        assertThat(open.allows(address("fdab::1"))).isTrue();
        assertThat(open.allows(address("::1"))).isFalse();
    }

    @Test
    void rangesAreMatchedToTheBit() {
        Cidr range = Cidr.parse("198.51.100.64/27");
        assertThat(range.contains(address("198.51.100.64"))).isTrue();
        assertThat(range.contains(address("198.51.100.95"))).isTrue();
        assertThat(range.contains(address("198.51.100.96"))).isFalse();
        assertThat(range.contains(address("198.51.100.63"))).isFalse();
        assertThat(Cidr.parse("0.0.0.0/0").contains(address("8.8.8.8"))).isTrue();
        assertThat(Cidr.parse("0.0.0.0/0").contains(address("::1"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/x",
                "::/129",
                "localhost",
                "deadbeef",
                "1.2.3.4/8/8"
            })
    void invalidRangesAreRejected(String text) {
        assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
