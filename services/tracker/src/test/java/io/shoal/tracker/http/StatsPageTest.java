package io.shoal.tracker.http;

import static io.shoal.tracker.http.Client.LEECH;
import static io.shoal.tracker.http.Client.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.tracker.Loopback;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page at the root, as a person reads it. */
class StatsPageTest {
    private static final UUID TENANT = new UUID(1, 1);
    private static final String PASSKEY = "a".repeat(32);
    private static final InfoHash PRIVATE = InfoHash.ofHex("ef".repeat(20));

    @Test
    void itShowsWhoIsThereAndWhatWasAskedAndNobodysSecrets() throws Exception {
        try (Loopback tracker = Loopback.open("127.0.0.0/8")) {
            tracker.torrents.register(TorrentId.of("t", PRIVATE), 1, List.of(SwarmKey.of(PRIVATE)), TENANT);
            tracker.passkeys.put(
                    PasskeyHash.of(PASSKEY), new AdmissionRecord.Passkey(1, 1, TENANT, UUID.randomUUID(), false));
            for (int port = 1_001; port <= 1_003; port++) {
                get(tracker, "/announce?" + LEECH.replace("6881", "" + port));
            }
            get(tracker, "/announce?" + LEECH.replaceFirst("left=\\d+", "left=0"));
            get(tracker, "/scrape?" + LEECH);
            get(tracker, "/announce?info_hash=short");
            String privately = LEECH.replaceFirst("info_hash=[^&]*", "info_hash=" + "%ef".repeat(20));
            get(tracker, "/" + PASSKEY + "/announce?" + privately);
            get(tracker, "/announce?" + privately);

            Client.Response page = get(tracker, "/");
            assertThat(page.headers()).containsValue("text/html; charset=utf-8");
            assertThat(row(page, "leeches")).isEqualTo("3 0");
            assertThat(row(page, "seeds")).isEqualTo("1 0");
            assertThat(row(page, "swarms")).isEqualTo("1 1");
            assertThat(row(page, "peers")).isEqualTo("4 1");
            assertThat(row(page, "announces")).isEqualTo("5 0");
            assertThat(row(page, "scrapes")).isEqualTo("1 0");
            assertThat(row(page, "refused")).isEqualTo("1 0");
            assertThat(row(page, "malformed")).isEqualTo("1 0");
            assertThat(page.body()).doesNotContain("<script", PASSKEY, "ef".repeat(20), "127.0.0.1");
        }
    }

    /** The two numbers beside {@code name}. */
    private static String row(Client.Response page, String name) {
        Matcher row = Pattern.compile("<tr><th>" + name + "</th><td>([^<]*)</td><td>([^<]*)</td></tr>")
                .matcher(page.body());
        assertThat(row.find()).as(name).isTrue();
        return row.group(1) + " " + row.group(2);
    }
}
