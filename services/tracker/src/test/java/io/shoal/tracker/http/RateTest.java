package io.shoal.tracker.http;

import static io.shoal.tracker.http.Client.HASH;
import static io.shoal.tracker.http.Client.LEECH;
import static io.shoal.tracker.http.Client.announce;
import static io.shoal.tracker.http.Client.get;
import static io.shoal.tracker.http.Client.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.Loopback;
import io.shoal.tracker.http.Client.Response;
import org.junit.jupiter.api.Test;

/** An address that asks too much, over HTTP. */
class RateTest {
    @Test
    void whoAsksTooMuchIsToldWhenToComeBackAndIsServedThen() throws Exception {
        try (Loopback tracker = Loopback.limited(3)) {
            announce(tracker, LEECH);
            announce(tracker, "nonsense=counts");
            get(tracker, "/scrape?info_hash=" + HASH);
            Response refused = announce(tracker, LEECH);
            assertThat(refused.status()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(refused.failure()).isEqualTo("too many requests");
            assertThat(number(refused.dictionary(), "retry in")).isEqualTo(1);
            assertThat(get(tracker, "/scrape?info_hash=" + HASH).failure()).isEqualTo("too many requests");

            tracker.clock.addAndGet(1_000);
            assertThat(number(announce(tracker, LEECH).dictionary(), "incomplete"))
                    .isEqualTo(1);
            assertThat(announce(tracker, LEECH).failure()).isEqualTo("too many requests");
        }
    }

    @Test
    void theTrustedAreNotLimited() throws Exception {
        try (Loopback tracker = Loopback.limited(1, "127.0.0.0/8")) {
            for (int request = 0; request < 5; request++) {
                assertThat(number(announce(tracker, LEECH).dictionary(), "incomplete"))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void aClientBehindAProxyHasALimitOfItsOwn() throws Exception {
        try (Loopback tracker = Loopback.limitedBehindHttp(1, "127.0.0.0/8")) {
            assertThat(number(announce(tracker, LEECH).dictionary(), "incomplete"))
                    .isEqualTo(1);
            String behind = "X-Forwarded-For: 192.0.2.1\r\n";
            assertThat(number(announce(tracker, LEECH, behind).dictionary(), "incomplete"))
                    .isEqualTo(2);
            assertThat(announce(tracker, LEECH, behind).failure()).isEqualTo("too many requests");
        }
    }
}
