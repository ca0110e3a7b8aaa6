package io.shoal.intake.torrents;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class RequestsTest {
    @Test
    void oneAMinuteIsPassedOn() {
        Instant last = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(Requests.mayFollow(null, last)).isTrue();
        assertThat(Requests.mayFollow(last, last.plusSeconds(59))).isFalse();
        assertThat(Requests.mayFollow(last, last.plusSeconds(60))).isTrue();
    }
}
