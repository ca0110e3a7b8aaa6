package io.shoal.intake.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The address of a client, which it must not be able to choose. */
class TrustedProxiesTest {
    private final TrustedProxies proxies = new TrustedProxies(Optional.of(List.of("10.0.0.0/8", "fd00::/8")));

    private static String client(TrustedProxies proxies, String peer, String... forwardedFor) {
        return proxies.client(peer, List.of(forwardedFor)).getHostAddress();
    }

    @Test
    void withoutATrustedProxyTheHeaderMeansNothing() {
        TrustedProxies none = new TrustedProxies(Optional.empty());
        assertThat(client(none, "10.0.0.1", "192.0.2.1")).isEqualTo("10.0.0.1");
        assertThat(client(proxies, "192.0.2.9", "192.0.2.1")).isEqualTo("192.0.2.9");
    }

    @Test
    void theRightmostAddressThatIsNotTrustedCounts() {
        assertThat(client(proxies, "10.0.0.1", "203.0.113.5, 192.0.2.1")).isEqualTo("192.0.2.1");
        assertThat(client(proxies, "10.0.0.1", "203.0.113.5, 192.0.2.1, 10.9.9.9"))
                .isEqualTo("192.0.2.1");
        assertThat(client(proxies, "fd00::1", "203.0.113.5", "192.0.2.1:4711, 10.9.9.9"))
                .isEqualTo("192.0.2.1");
        assertThat(client(proxies, "10.0.0.1", "[2001:db8::1]:443")).isEqualTo("2001:db8:0:0:0:0:0:1");
        assertThat(client(proxies, "::ffff:10.0.0.1", "192.0.2.1")).isEqualTo("192.0.2.1");
    }

    @Test
    void whatIsNoAddressEndsTheSearch() {
        assertThat(client(proxies, "10.0.0.1")).isEqualTo("10.0.0.1");
        for (String text : List.of("", "unknown", "localhost", "192.0.2", "1.2.3.4.5", "[", "192.0.2.1, ")) {
            assertThat(client(proxies, "10.0.0.1", text)).as(text).isEqualTo("10.0.0.1");
        }
        assertThat(client(proxies, "10.0.0.1", "192.0.2.1, junk, 10.0.0.2")).isEqualTo("10.0.0.2");
    }

    @Test
    void aRangeThatIsNoneIsRefusedAtStart() {
        for (String range : List.of("10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "proxy.example", "")) {
            assertThatThrownBy(() -> new TrustedProxies(Optional.of(List.of(range))))
                    .as(range)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(range);
        }
    }
}
