package io.shoal.local.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir
    private Path folder;

    @Test
    void portsAndKeysAreChosenOnceForAFolder() throws IOException {
        Settings first = Settings.of(folder, "127.0.0.1");
        int port = first.port("a");
        int peers = first.firstPort("peers", 4);
        String key = first.key("k");

        Settings again = Settings.of(folder, "127.0.0.1");
        assertThat(again.port("a")).isEqualTo(port).isBetween(20_000, 32_000);
        assertThat(again.firstPort("peers", 4)).isEqualTo(peers);
        assertThat(again.key("k")).isEqualTo(key);
        assertThat(again.port("b")).isNotIn(port, peers, peers + 1, peers + 2, peers + 3);
    }

    @Test
    void onlyTheOwnerMayReadThem() throws IOException {
        Settings.of(folder, "127.0.0.1").key("k");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("settings.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void theNetworkOfLoopbackIsAllOfIt() throws IOException {
        assertThat(Subnet.of("127.0.0.1").cidr()).isEqualTo("127.0.0.0/8");
    }

    @Test
    void anAddressThatIsNotOneOfOursIsRefused() {
        assertThatThrownBy(() -> Subnet.of("0.0.0.0")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Subnet.of("192.0.2.1")).hasMessageContaining("no address of this machine");
        assertThatThrownBy(() -> Subnet.of("1.2.3.4.5")).hasMessageContaining("--bind needs an address");
    }
}
