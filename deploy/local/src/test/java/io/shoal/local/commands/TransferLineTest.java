package io.shoal.local.commands;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.shoal.local.client.Transfer;
import org.junit.jupiter.api.Test;

class TransferLineTest {
    private static String line(String state, long stored, long wanted) {
        return TransferLine.of(new Transfer(
                "id", state, null, "a file", wanted, stored, 0, 0, 1536, 0, 2, JsonNodeFactory.instance.nullNode()));
    }

    @Test
    void itSaysHowMuchIsStored() {
        assertThat(line("DOWNLOADING", 512, 2048))
                .isEqualTo("id  DOWNLOADING  25%  512 B of 2.0 KiB  down 1.5 KiB/s  up 0 B/s  peers 2  a file");
    }

    @Test
    void ofAMagnetWithoutMetadataItClaimsNothing() {
        assertThat(line("RESOLVING", 0, 0)).contains("size unknown").doesNotContain("%");
    }

    @Test
    void aTorrentOfEmptyFilesIsAllThere() {
        assertThat(line("SEEDING", 0, 0)).contains("100%");
    }
}
