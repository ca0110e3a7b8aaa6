package io.shoal.bittorrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is shown of a peer that names its program in its peer id only. */
class ClientNamesTest {
    @Test
    void knownClientsAreNamedWithTheirVersion() {
        assertThat(of("-qB5120-abcdefghijkl")).isEqualTo("qBittorrent 5.1.2");
        assertThat(of("-TR406Z-abcdefghijkl")).isEqualTo("Transmission 4.0.6.35");
        assertThat(of("-LT2000-abcdefghijkl")).isEqualTo("libtorrent 2.0");
        assertThat(of("-ZZ12A0-abcdefghijkl")).isEqualTo("ZZ 1.2.10");
        assertThat(of("A2-1-37-0-abcdefghij")).isEqualTo("aria2");
    }

    @Test
    void anyOtherIdShowsNothing() {
        assertThat(of("-q\u00e95120-abcdefghijkl")).isEmpty();
        assertThat(of("-qB51\u00b20-abcdefghijkl")).isEmpty();
        assertThat(of("M7-9-2--abcdefghijkl")).isEmpty();
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            byte[] id = new byte[PeerId.LENGTH];
            random.nextBytes(id);
            id[0] = '-';
            id[7] = '-';
            assertThat(ClientNames.of(PeerId.of(id))).matches("[\\x20-\\x7e]{0,40}");
        }
    }

    private static String of(String id) {
        return ClientNames.of(PeerId.of(id.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
