package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Outside of pools a tenant cannot tell whether another tenant has a torrent: neither from what the answers say nor from how long
 * they take. Pairs of a torrent that another tenant has and one that is new are compared; other work on the machine hits both
 * halves of a pair alike, because they follow each other and take turns in coming first.
 */
@QuarkusTest
@OnPlatform
class NothingLearntTest {
    private static final int PAIRS = 200;
    private static final int WARM_UP = 40;
    private static final double MOST = 1.10;

    /** A difference that there is shows each time; one that the machine's other work makes does not. */
    private static final int ROUNDS = 3;

    private Tenant other = new Tenant("", "");
    private Tenant curious = new Tenant("", "");

    @BeforeEach
    void twoTenants() {
        other = Tenant.create();
        curious = Tenant.create();
    }

    @Test
    void answersAndLatencyDoNotDependOnWhatOthersHave() {
        measure(WARM_UP);
        List<Medians> rounds = new ArrayList<>();
        do {
            rounds.add(measure(PAIRS));
        } while (!rounds.getLast().areAlike() && rounds.size() < ROUNDS);
        assertThat(rounds).as("medians, in milliseconds").last().matches(Medians::areAlike, "within 10 %");
    }

    @Test
    void magnetsOfWhatOthersHaveAreSearchedForLikeAnyOther() {
        for (int pair = 0; pair < 20; pair++) {
            Metainfo theirs = Torrents.small();
            other.add(theirs);
            String held = said(curious.submit(Map.of("magnet", Torrents.magnet(theirs))));
            assertThat(held)
                    .isEqualTo(said(curious.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))))
                    .contains("RESOLVING");
        }
    }

    /** How long answers took about torrents that another tenant has, and about new ones: adding them, and reading of them. */
    private record Medians(double addHeld, double addNew, double readHeld, double readNew) {
        boolean areAlike() {
            return isWithin(addHeld / addNew) && isWithin(readHeld / readNew);
        }

        private static boolean isWithin(double ratio) {
            return ratio <= MOST && ratio >= 1 / MOST;
        }
    }

    private Medians measure(int pairs) {
        List<Metainfo> held =
                Stream.generate(Torrents::small).limit(pairs).peek(other::add).toList();
        List<Metainfo> fresh = Stream.generate(Torrents::small).limit(pairs).toList();
        long[][] add = new long[2][pairs];
        long[][] read = new long[2][pairs / 2];
        for (int pair = 0; pair < pairs; pair++) {
            String[] said = new String[2];
            for (int turn = 0; turn < 2; turn++) {
                int half = (pair + turn) % 2;
                said[half] = ask(half == 0 ? held.get(pair) : fresh.get(pair), pair, add[half], read[half]);
            }
            assertThat(said[0]).isEqualTo(said[1]);
        }
        return new Medians(median(add[0]), median(add[1]), median(read[0]), median(read[1]));
    }

    /** Adds a torrent and, for half of the pairs, reads all that there is to read of it; returns what was said. */
    private String ask(Metainfo torrent, int pair, long[] add, long[] read) {
        long start = System.nanoTime();
        Response added = curious.submit(torrent);
        add[pair] = System.nanoTime() - start;
        StringBuilder said = new StringBuilder(said(added));
        if (pair % 4 < 2) {
            String id = added.path("id");
            String path = "/v1/transfers/" + id;
            long before = System.nanoTime();
            List<Response> answers = List.of(
                    curious.get(id),
                    curious.asks().get("/v1/transfers?limit=1"),
                    curious.asks().get(path + "/files"),
                    curious.asks().get(path + "/metainfo"),
                    curious.asks().post(path + "/files/0/links"));
            read[pair / 4 * 2 + pair % 4] = System.nanoTime() - before;
            answers.forEach(answer -> said.append('\n').append(said(answer)));
        }
        return said.toString();
    }

    /** Status, headers and body without ids and times, and without whether the platform is up to date with Kafka. */
    private static String said(Response answer) {
        String headers = answer.headers().asList().stream()
                .filter(header -> !header.getName().toLowerCase(Locale.ROOT).startsWith("ratelimit"))
                .filter(header -> !header.getName().equalsIgnoreCase("content-length"))
                .toList()
                .toString();
        String body = answer.getContentType().contains("bittorrent")
                ? answer.asByteArray().length + " bytes"
                : answer.asString();
        return (answer.statusCode() + headers + body)
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID")
                .replaceAll("[0-9a-f]{40}", "HASH")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")
                .replaceAll("\"next\":(\"[^\"]*\"|null)", "NEXT")
                .replaceAll("\"number\":[0-9]+", "NUMBER") // counts what the tenant itself has added
                .replaceAll("\"queuePosition\":[0-9]+", "POSITION") // among what the tenant itself has added
                .replaceAll("\"stale\":(true|false)", "STALE")
                .replaceAll("/content/[^/]+/", "/content/TOKEN/");
    }

    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2e6;
    }
}
