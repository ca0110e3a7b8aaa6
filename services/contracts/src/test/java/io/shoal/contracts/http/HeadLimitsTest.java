package io.shoal.contracts.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.http.HeadLimits.Fault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadLimitsTest {
    private static final HeadLimits LIMITS = new HeadLimits(10, 30);
    private static final Map.Entry<String, String> HOST = Map.entry("Host", "a");

    @Test
    void aHeadMayHaveTheLimitsAndNoByteMore() {
        assertThat(LIMITS.check("/234567890", List.of(HOST, Map.entry("X", "b".repeat(16)))))
                .isNull();
        assertThat(LIMITS.check("/2345678901", List.of(HOST))).isEqualTo(Fault.TARGET_TOO_LONG);
        assertThat(LIMITS.check("/", List.of(HOST, Map.entry("X", "b".repeat(17)))))
                .isEqualTo(Fault.FIELDS_TOO_LARGE);
    }

    @Test
    void aHeadHasOneHostInLettersOfEitherCase() {
        assertThat(LIMITS.check("/", List.of(HOST, Map.entry("hOST", "a")))).isEqualTo(Fault.SEVERAL_HOSTS);
        assertThat(LIMITS.check("/", List.of())).isNull();
    }
}
