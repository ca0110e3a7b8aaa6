package io.shoal.swarm.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.engine.TorrentStats;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a slice has counted over its owners and its runs. */
class SliceTotalsTest {
    private static final StatusRecord LAST = new StatusRecord(
            1,
            new Generation(1),
            1,
            1,
            "before",
            State.DOWNLOADING,
            null,
            Bits.NONE,
            0,
            new Totals(100, 200, 30, 0, 5L),
            List.of(),
            null);

    private final SliceTotals totals = new SliceTotals(InstantSource.system(), LAST);

    private static TorrentStats stats(long down, long up, long wasted) {
        return new TorrentStats(down, up, wasted, 0, 0, 0, 0, 0, 0, 0, List.of(), List.of(), List.of());
    }

    @Test
    void aRunContinuesAllCountersOfTheLastOwner() {
        var resumed = totals.resumed(List.of());
        assertThat(resumed.downloaded()).isEqualTo(100);
        assertThat(resumed.uploaded()).isEqualTo(200);
        assertThat(resumed.wasted()).isEqualTo(30);
    }

    /** Readers see the figures of a run until the slice has published that it is over. */
    @Test
    void aRunThatEndsIsCountedOnceThoughItsFiguresAreStillRead() {
        TorrentStats ended = stats(150, 260, 42);
        Totals during = totals.totals(ended, 3L);
        assertThat(during).isEqualTo(new Totals(150, 260, 42, 0, 3L));
        totals.addRun(ended);
        assertThat(totals.totals(ended, 3L)).isEqualTo(during);
        assertThat(totals.totals(null, null)).isEqualTo(new Totals(150, 260, 42, 0, null));
        assertThat(totals.resumed(List.of()).wasted()).isEqualTo(42);
    }

    @Test
    void webSeedsAreShownByHashesOfTheirUrlsBesideTrackers() {
        String url = "https://seed.example/secret/";
        TorrentStats working = withWebSeed(url, "ok", 1_000);
        assertThat(totals.sources(working)).containsExactly(Tracker.ofWebSeed(url, "ok"));
        assertThat(totals.sources(withWebSeed(url, "ok", 2_000))).isEqualTo(totals.sources(working));
        assertThat(totals.sources(withWebSeed(url, "lied", 2_000))).containsExactly(Tracker.ofWebSeed(url, "lied"));
        assertThat(totals.trackers(working)).as("what is announced to").isEmpty();
        totals.addRun(working);
        assertThat(totals.sources(null)).containsExactly(Tracker.ofWebSeed(url, "ok"));
        assertThat(Tracker.webSeedId(url)).isNotEqualTo(Tracker.id(url)).doesNotContain("secret");
    }

    private static TorrentStats withWebSeed(String url, String code, long rate) {
        TorrentStats.WebSeedStats webSeed = new TorrentStats.WebSeedStats(url, code, 5, rate);
        return new TorrentStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of(), List.of(), List.of(webSeed));
    }
}
