package io.shoal.intake.wishes;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.records.Wanted.Priority;
import io.shoal.intake.torrents.Sources;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MergedWishTest {
    private static final Wanted FIRST = Wanted.of(new Priority[] {Priority.LOW, Priority.SKIP, Priority.SKIP});
    private static final Wanted SECOND = Wanted.of(new Priority[] {Priority.HIGH, Priority.NORMAL, Priority.SKIP});

    private static Wish wish(Wanted wanted, boolean active) {
        return new Wish(wanted, active, Sources.NONE);
    }

    @Test
    void filesAreUnitedEachWithItsHighestPriority() {
        Wanted merged =
                MergedWish.of(3, List.of(wish(FIRST, true), wish(SECOND, true))).wanted();
        assertThat(merged.of(0)).isEqualTo(Priority.HIGH);
        assertThat(merged.of(1)).isEqualTo(Priority.NORMAL);
        assertThat(merged.of(2)).isEqualTo(Priority.SKIP);
    }

    @Test
    void whoIsPausedWantsNothingWhileAnotherIsActive() {
        MergedWish merged = MergedWish.of(3, List.of(wish(FIRST, true), wish(Wanted.ALL, false)));
        assertThat(merged.wanted()).isEqualTo(FIRST);
        assertThat(merged.mode()).isEqualTo(Mode.RUN);
    }

    @Test
    void whileNobodyIsActiveItStopsAndNothingBecomesUnwanted() {
        MergedWish merged = MergedWish.of(3, List.of(wish(FIRST, false), wish(Wanted.ALL, false)));
        assertThat(merged.wanted()).isEqualTo(Wanted.ALL);
        assertThat(merged.mode()).isEqualTo(Mode.STOP);
    }

    @Test
    void sourcesAreUnitedWithoutRepetition() {
        Sources one =
                new Sources(List.of(List.of("http://a/x", "http://b/x")), List.of("http://w/"), List.of("1.2.3.4:5"));
        Sources two = new Sources(
                List.of(List.of("http://b/x"), List.of("http://c/x")),
                List.of("http://w/"),
                List.of("[::1]:6", "1.2.3.4:5"));
        assertThat(Sources.union(List.of(one, two)))
                .isEqualTo(new Sources(
                        List.of(List.of("http://a/x", "http://b/x"), List.of("http://c/x")),
                        List.of("http://w/"),
                        List.of("1.2.3.4:5", "[::1]:6")));
    }

    @Test
    void ourTrackerIsKnownByHostPortAndPath() {
        OurTrackers ours = new OurTrackers(Optional.of(List.of("http://t.example/announce", "udp://t.example:6969")));
        assertThat(ours.serve(new Sources(
                        List.of(List.of("http://a_host.example/x|y z", "HTTP://T.example:80/announce?key=a|b")),
                        List.of(),
                        List.of())))
                .as("URLs that other clients accept too")
                .isTrue();
        assertThat(ours.serve(tracker("http://T.example:80/announce"))).isTrue();
        assertThat(ours.serve(tracker("udp://t.example:6969/announce"))).isTrue();
        assertThat(ours.serve(tracker("http://t.example/other"))).isFalse();
        assertThat(ours.serve(tracker("http://t.example:81/announce"))).isFalse();
        assertThat(ours.serve(tracker("http://u.example/announce"))).isFalse();
        assertThat(ours.serve(Sources.NONE)).isFalse();
    }

    @Test
    void row12APasskeyInTheUrlOfOurTrackerIsLookedOver() {
        String passkey = "0123456789abcdef".repeat(2);
        OurTrackers ours =
                new OurTrackers(Optional.of(List.of("http://t.example:6969/x/announce", "udp://t.example:6969")));
        List<String> urls = ours.announceUrls(passkey);
        assertThat(urls)
                .containsExactly(
                        "http://t.example:6969/x/" + passkey + "/announce",
                        "udp://t.example:6969/" + passkey + "/announce");
        for (String url : urls) {
            assertThat(ours.serve(tracker(url))).as(url).isTrue();
        }
        assertThat(ours.serve(tracker("http://t.example:6969/x/" + passkey + "0/announce")))
                .isFalse();
        assertThat(ours.serve(tracker("http://u.example:6969/x/" + passkey + "/announce")))
                .isFalse();
    }

    @Test
    void aSelectionOfAllThatItNamesIsNotASelectionOfAllThereIs() {
        BitSet files = new BitSet();
        files.set(0, 2);
        Wanted wanted = Selection.of(files).after(Wanted.ALL);
        assertThat(wanted.isWanted(1)).isTrue();
        assertThat(wanted.isWanted(2)).isFalse();
        assertThat(wanted.isWanted(99)).isFalse();
    }

    private static Sources tracker(String url) {
        return new Sources(List.of(List.of(url)), List.of(), List.of());
    }
}
