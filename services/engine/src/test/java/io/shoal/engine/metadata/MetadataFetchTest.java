package io.shoal.engine.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.metadata.MetadataFetch.PeerRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class MetadataFetchTest {
    private static final long SECOND = 1_000_000_000L;

    private final byte[] info = bytes(5 * MetadataMessage.PIECE + 123);
    private final MetadataBudget budget = new MetadataBudget(1 << 20);
    private final MetadataFetch<String> fetch = new MetadataFetch<>(InfoHash.ofInfo(info), budget);
    private final Map<String, UnaryOperator<MetadataMessage>> peers = new LinkedHashMap<>();
    private final Map<String, Integer> requested = new LinkedHashMap<>();
    private final Set<String> liars = new HashSet<>();
    private long now = -17;

    private final List<Late> late = new ArrayList<>();

    /** An answer that arrives later. */
    private record Late(long at, String peer, MetadataMessage answer) {}

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** A peer that answers with {@code from}. */
    private void peer(String name, byte[] from, UnaryOperator<MetadataMessage> changed) {
        peers.put(name, request -> {
            MetadataServing serve = new MetadataServing(from, false, now);
            return changed.apply(serve.answer((MetadataMessage.Request) request, now));
        });
        fetch.offered(name, from.length);
    }

    private void honest(String name) {
        peer(name, info, answer -> answer);
    }

    private void silent(String name, int size) {
        peers.put(name, request -> request);
        fetch.offered(name, size);
    }

    /** A peer that offers {@code size} bytes and answers each request with zeros, after {@code seconds}. */
    private void slow(String name, int size, int seconds) {
        peers.put(name, request -> {
            int length = Math.min(MetadataMessage.PIECE, size - request.piece() * MetadataMessage.PIECE);
            late.add(new Late(
                    now + seconds * SECOND, name, new MetadataMessage.Data(request.piece(), size, new byte[length])));
            return request;
        });
        fetch.offered(name, size);
    }

    /** Turns the clock second by second, carrying messages. */
    private void run(int seconds) {
        for (int i = 0; i < seconds && fetch.info() == null; i++) {
            for (Late each : List.copyOf(late)) {
                if (each.at <= now) {
                    late.remove(each);
                    fetch.received(each.peer, each.answer, now);
                }
            }
            List<PeerRequest<String>> requests = fetch.nextRequests(now);
            while (!requests.isEmpty() && fetch.info() == null) {
                for (PeerRequest<String> request : requests) {
                    requested.merge(request.peer(), 1, Integer::sum);
                    UnaryOperator<MetadataMessage> peer = peers.get(request.peer());
                    MetadataMessage answer = peer == null ? request.request() : peer.apply(request.request());
                    if (!(answer instanceof MetadataMessage.Request)) {
                        fetch.received(request.peer(), answer, now);
                    }
                }
                liars.addAll(fetch.liars());
                requests = fetch.nextRequests(now);
            }
            now += SECOND;
        }
    }

    private static MetadataMessage garbled(MetadataMessage answer) {
        if (answer instanceof MetadataMessage.Data(int piece, long total, byte[] bytes)) {
            byte[] wrong = bytes.clone();
            wrong[0] ^= 1;
            return new MetadataMessage.Data(piece, total, wrong);
        }
        return answer;
    }

    @Test
    void allPiecesOfOnePeerMakeTheMetadata() {
        honest("a");
        run(1);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(liars).isEmpty();
    }

    @Test
    void piecesSpreadOverPeersThatHaveThem() {
        honest("a");
        honest("b");
        honest("c");
        run(1);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(requested)
                .hasSize(3)
                .allSatisfy((peer, times) -> assertThat(times).isEqualTo(2));
    }

    @Test
    void aSilentPeerDelaysNoOther() {
        silent("silent", info.length);
        honest("a");
        run(5);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(requested.get("silent")).as("asked no more while it owes").isEqualTo(3);
        assertThat(liars).isEmpty();
    }

    @Test
    void piecesRequestedTwiceAreNotRequestedAgainUntilLate() {
        silent("silent1", info.length);
        silent("silent2", info.length);
        silent("silent3", info.length);
        run(10);
        assertThat(requested.values().stream().mapToInt(times -> times).sum())
                .as("six pieces, each asked of two")
                .isEqualTo(12);
    }

    @Test
    void aPeerThatIsAloneAndWrongIsALiar() {
        peer("liar", info, MetadataFetchTest::garbled);
        run(1);
        assertThat(fetch.info()).isNull();
        assertThat(liars).containsExactly("liar");
        honest("late");
        run(2);
        assertThat(fetch.info()).isEqualTo(info);
    }

    @Test
    void amongSeveralTheLiarIsFoundAndNoOther() {
        honest("a");
        peer("liar", info, MetadataFetchTest::garbled);
        honest("b");
        run(5);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(liars).isSubsetOf("liar");
    }

    @Test
    void manyLiarsAreOutlasted() {
        for (int i = 0; i < 10; i++) {
            peer("liar" + i, info, MetadataFetchTest::garbled);
        }
        honest("a");
        run(20);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(liars).doesNotContain("a");
    }

    @Test
    void aLieAboutTheSizeDoesNotStopTheFetch() {
        byte[] other = bytes(3 * MetadataMessage.PIECE);
        peer("liar1", other, answer -> answer);
        peer("liar2", other, answer -> answer);
        silent("silent1", 999);
        silent("silent2", 999);
        silent("silent3", 999);
        honest("a");
        run(120);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(liars).doesNotContain("a");
    }

    @Test
    void liarsThatComeAndGoForDaysFillNoMemory() {
        for (int size = 1; size <= 10_000; size++) {
            String liar = "liar " + size;
            silent(liar, size);
            run(1);
            fetch.left(liar);
            peers.remove(liar);
        }
        assertThat(fetch.sizesRemembered()).isLessThanOrEqualTo(EngineLimits.METADATA_SIZES);
        honest("ann");
        run(200);
        assertThat(fetch.info()).isEqualTo(info);
    }

    @Test
    void aPieceOfAnotherLengthProvesNoLie() {
        peer("short", info, answer -> new MetadataMessage.Data(answer.piece(), info.length, new byte[3]));
        run(1);
        assertThat(requested.get("short")).isEqualTo(MetadataFetch.REQUESTS_MAX);
        run(30);
        assertThat(requested.get("short")).as("it rests").isEqualTo(MetadataFetch.REQUESTS_MAX);
        assertThat(liars).isEmpty();
    }

    @Test
    void theTotalSizeThatComesWithAPieceProvesNothing() {
        peer("a", info, answer -> {
            MetadataMessage.Data data = (MetadataMessage.Data) answer;
            return new MetadataMessage.Data(data.piece(), data.bytes().length, data.bytes());
        });
        run(1);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(liars).isEmpty();
    }

    @Test
    void aSizeThatIsCorrectedCounts() {
        honest("a");
        fetch.offered("a", info.length + 1);
        run(1);
        assertThat(fetch.info()).as("the last piece has another length").isNull();
        fetch.offered("a", info.length);
        run(1);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(liars).isEmpty();
    }

    @Test
    void aSlowLiarThatIsFirstDoesNotDelayAnHonestPeer() {
        slow("liar", 60 * MetadataMessage.PIECE, 19);
        run(1);
        honest("a");
        run(2);
        assertThat(fetch.info()).isEqualTo(info);
    }

    @Test
    void slowLiarsOfManySizesDelayAnHonestPeerByLessThanAMinute() {
        for (int i = 0; i < MetadataFetch.ATTEMPTS_MAX; i++) {
            slow("liar" + i, 60 * MetadataMessage.PIECE - i, 19);
        }
        run(1);
        honest("a");
        run(60);
        assertThat(fetch.info()).isEqualTo(info);
    }

    @Test
    void aSlowHonestPeerHasTimeEnoughInTheEnd() {
        byte[] large = bytes(40 * MetadataMessage.PIECE);
        MetadataFetch<String> other =
                new MetadataFetch<>(InfoHash.ofInfo(large), new MetadataBudget(MetadataBudget.BYTES_MAX));
        long start = now;
        for (int i = 0; i < 4; i++) {
            other.offered("liar" + i, Limits.INFO_BYTES - i);
        }
        other.offered("slow", large.length);
        List<PeerRequest<String>> open = new ArrayList<>();
        while (other.info() == null && now - start < 3_600 * SECOND) {
            open.addAll(other.nextRequests(now));
            // one piece in three seconds: slower than what an attempt must be while others wait
            if ((now - start) / SECOND % 3 == 0) {
                for (PeerRequest<String> request : List.copyOf(open)) {
                    if (request.peer().equals("slow")) {
                        open.remove(request);
                        MetadataServing serve = new MetadataServing(large, false, now);
                        other.received("slow", serve.answer(request.request(), now), now);
                        break;
                    }
                }
            }
            now += SECOND;
        }
        assertThat(other.info()).isEqualTo(large);
    }

    @Test
    void promisesOfTwoLiarsDoNotStopOtherMagnets() {
        MetadataBudget shared = new MetadataBudget(MetadataBudget.BYTES_MAX);
        for (int i = 0; i < 2; i++) {
            MetadataFetch<String> victim = new MetadataFetch<>(InfoHash.ofInfo(bytes(i + 1)), shared);
            victim.offered("liar", Limits.INFO_BYTES);
            assertThat(victim.nextRequests(now)).isNotEmpty();
        }
        MetadataFetch<String> other = new MetadataFetch<>(InfoHash.ofInfo(info), shared);
        other.offered("a", info.length);
        assertThat(other.nextRequests(now)).isNotEmpty();
    }

    @Test
    void lateOrRejectedPiecesAreRequestedFromOthers() {
        silent("silent", info.length);
        peer("no", info, answer -> new MetadataMessage.Reject(answer.piece()));
        honest("a");
        run(30);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(requested.get("no")).isLessThanOrEqualTo(MetadataFetch.REQUESTS_MAX);
        assertThat(liars).isEmpty();
    }

    @Test
    void aPeerThatLeavesIsNotAwaited() {
        silent("gone", info.length);
        run(1);
        fetch.left("gone");
        honest("a");
        run(1);
        assertThat(fetch.info()).isEqualTo(info);
    }

    @Test
    void unrequestedPiecesAreIgnored() {
        fetch.offered("pushy", info.length);
        fetch.received("pushy", new MetadataMessage.Data(0, info.length, new byte[1]), now);
        fetch.received("stranger", new MetadataMessage.Data(0, info.length, new byte[1]), now);
        assertThat(fetch.liars()).isEmpty();
    }

    @Test
    void sizesThatCannotBeAreNotTried() {
        fetch.offered("a", 0);
        fetch.offered("b", -1);
        fetch.offered("c", 1L << 40);
        assertThat(fetch.nextRequests(now)).isEmpty();
    }

    @Test
    void memoryIsTakenFromTheBudgetAsItIsReceivedAndReleased() {
        silent("silent", Limits.INFO_BYTES);
        run(1);
        assertThat(budget.tryAcquire(1 << 20, 0)).as("a promise takes nothing").isTrue();
        honest("a");
        run(3);
        assertThat(fetch.info()).as("nothing is left").isNull();
        budget.release(1 << 20);
        run(1);
        assertThat(fetch.info()).isEqualTo(info);
        assertThat(budget.tryAcquire((1 << 20) - info.length + 1, 0)).isFalse();
        fetch.close();
        fetch.close();
        assertThat(budget.tryAcquire(1 << 20, 0)).isTrue();
        assertThat(budget.tryAcquire(1, 0)).isFalse();
    }

    @Test
    void noFetchHoldsMoreThanItLeaves() {
        int piece = 1 << 14;
        int first = 0;
        while (budget.tryAcquire(piece, first)) {
            first += piece;
        }
        assertThat(first).isEqualTo(1 << 19);
        int second = 0;
        while (budget.tryAcquire(piece, second)) {
            second += piece;
        }
        assertThat(second).isEqualTo(1 << 18);
        assertThat(budget.allows(piece, 0)).isTrue();
    }

    @Test
    void aServedPeerGetsAllTwiceAndThenAPieceASecond() {
        MetadataServing serve = new MetadataServing(info, false, now);
        List<MetadataMessage> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(serve.answer(new MetadataMessage.Request(i % 6), now));
        }
        assertThat(answers.subList(0, 12)).allMatch(answer -> answer instanceof MetadataMessage.Data);
        assertThat(answers.subList(12, 20)).allMatch(answer -> answer instanceof MetadataMessage.Reject);
        assertThat(serve.answer(new MetadataMessage.Request(0), now + SECOND)).isInstanceOf(MetadataMessage.Data.class);
        assertThat(serve.answer(new MetadataMessage.Request(0), now + SECOND))
                .isInstanceOf(MetadataMessage.Reject.class);
    }

    @Test
    void privateTorrentsAndMissingPiecesAreRejected() {
        assertThat(new MetadataServing(info, true, now).answer(new MetadataMessage.Request(0), now))
                .isEqualTo(new MetadataMessage.Reject(0));
        assertThat(new MetadataServing(info, false, now).answer(new MetadataMessage.Request(6), now))
                .isEqualTo(new MetadataMessage.Reject(6));
    }
}
