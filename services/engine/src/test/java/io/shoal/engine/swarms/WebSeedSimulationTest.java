package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Limits;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.TorrentStats.WebSeedStats;
import io.shoal.engine.swarms.SimulatedWebServer.Answer;
import io.shoal.engine.swarms.SimulatedWebServer.Asked;
import io.shoal.engine.webseeds.WebSeedLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Torrents with web seeds, in simulated time. */
class WebSeedSimulationTest {
    private static final int US = 1;
    private static final int PEER = 2;
    private static final int PIECE = 64 << 10;
    private static final int MIB = 1 << 20;
    private static final String WEB = "http://web.example/content.bin";
    private static final String OTHER = "http://other.example/content.bin";

    private final Simulation simulation = new Simulation(19);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final SimulatedWebServer web = new SimulatedWebServer(simulation);
    /** Files by their paths. */
    private final Map<String, byte[]> contents = new HashMap<>();

    private final byte[] content = RandomContent.bytes(12 * MIB + 321, 1);
    private final Info info = RandomContent.torrent(content, PIECE, false);
    private String lastCode = "";

    private Engine engine(int host, long lineRate, long downLimit) throws IOException {
        return new Engine(
                new EngineConfig(List.of(SimulatedNetwork.address(host)), null, address -> true, downLimit, 0),
                network.of(host, lineRate),
                address -> true,
                ports -> SimulatedNetwork.NO_TRACKERS,
                simulation.workers,
                simulation.random.split(),
                web);
    }

    private static TorrentHandle join(Engine engine, Info info, MemoryStore store, Limits limits, String... webSeeds) {
        return engine.add(
                new TorrentSpec(
                        info,
                        SimulatedNetwork.peerId(US),
                        List.of(),
                        Resumed.FRESH,
                        PieceWish.ALL,
                        Mode.RUN,
                        "",
                        limits,
                        info.isPrivate(),
                        List.of(webSeeds)),
                store,
                new StrictListener());
    }

    private TorrentHandle download(MemoryStore store, String... webSeeds) throws IOException {
        return join(engine(US, 100 * MIB, 0), info, store, Limits.NONE, webSeeds);
    }

    private MemoryStore empty() {
        return MemoryStore.empty(info.pieces());
    }

    /** A peer that has these pieces, to which {@code torrent} connects. */
    private void addPeer(TorrentHandle torrent, MemoryStore store, long rate) throws IOException {
        network.engine(PEER, rate)
                .add(
                        new TorrentSpec(
                                info,
                                SimulatedNetwork.peerId(PEER),
                                List.of(),
                                Resumed.FRESH,
                                PieceWish.ALL,
                                Mode.SEED),
                        store,
                        new StrictListener());
        torrent.addPeer(SimulatedNetwork.address(PEER));
    }

    private void pass(Duration time) {
        simulation.run(time, () -> false);
    }

    private void finish(TorrentHandle torrent, Duration within) {
        assertThat(simulation.run(
                        within,
                        () -> torrent.stats().left() == 0 && torrent.stats().openPieces() == 0))
                .as("finished: %s", torrent.stats())
                .isTrue();
    }

    private static String code(TorrentHandle torrent) {
        return torrent.stats().webSeeds().getFirst().code();
    }

    // ---- What it is used for

    @Test
    void aTorrentWithoutPeersCompletesWithFewRequests() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, 2 * MIB));
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);

        finish(torrent, Duration.ofSeconds(15));

        assertThat(store.content).isEqualTo(content);
        assertThat(torrent.stats().downloaded()).isEqualTo(content.length);
        assertThat(torrent.stats().wasted()).isZero();
        assertThat(torrent.stats().webSeeds())
                .extracting(WebSeedStats::code, WebSeedStats::downloaded)
                .containsExactly(tuple("ok", (long) content.length));
        assertThat(web.asked).hasSizeLessThan(6).first().extracting(Asked::from).isEqualTo(0L);
        pass(Duration.ofSeconds(10));
        assertThat(web.open).as("connections of a torrent that needs nothing").isZero();
    }

    @Test
    void whatTheSwarmGivesFasterIsNotAskedOfIt() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, 200 << 10));
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);
        addPeer(torrent, MemoryStore.of(info.pieces(), content), MIB);

        finish(torrent, Duration.ofSeconds(60));

        assertThat(store.content).isEqualTo(content);
        assertThat(web.bytesAskedOf("web.example")).isLessThan(3 * MIB);
    }

    @Test
    void itTakesOverWhenTheSwarmIsGone() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, 200 << 10));
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);
        addPeer(torrent, MemoryStore.of(info.pieces(), content), MIB);
        assertThat(simulation.run(Duration.ofSeconds(60), () -> torrent.stats().left() < 7 * MIB))
                .isTrue();
        network.kill(network.host(PEER));

        finish(torrent, Duration.ofMinutes(3));

        assertThat(store.content).isEqualTo(content);
    }

    @Test
    void whatNoPeerHasComesFromIt() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, 100 << 10));
        MemoryStore part = MemoryStore.of(info.pieces(), content);
        IntStream.range(100, 110).forEach(part::lose);
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);
        addPeer(torrent, part, 4 * MIB);

        finish(torrent, Duration.ofMinutes(2));

        assertThat(store.content).isEqualTo(content);
        assertThat(web.bytesAskedOf("web.example")).isLessThan(6 * MIB);
    }

    @Test
    void aTorrentThatIsStoppedAsksNothing() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, MIB));
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);
        pass(Duration.ofSeconds(3));
        torrent.setMode(Mode.STOP);
        pass(Duration.ofSeconds(1));
        int asked = web.asked.size();
        pass(Duration.ofMinutes(10));
        assertThat(web.asked).hasSize(asked);
        assertThat(web.open).isZero();

        torrent.setMode(Mode.RUN);
        finish(torrent, Duration.ofSeconds(30));
        assertThat(store.content).isEqualTo(content);
    }

    @Test
    void oneThatIsRemovedIsNotAskedAnyMore() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, 100 << 10));
        web.host("other.example", SimulatedWebServer.file(content, 4 * MIB));
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);
        pass(Duration.ofSeconds(3));
        torrent.setWebSeeds(List.of(OTHER));
        pass(Duration.ofSeconds(1));
        int asked = web.askedOf("web.example").size();

        finish(torrent, Duration.ofSeconds(30));

        assertThat(store.content).isEqualTo(content);
        assertThat(web.askedOf("web.example")).hasSize(asked);
        assertThat(torrent.stats().webSeeds()).extracting(WebSeedStats::url).containsExactly(OTHER);
    }

    /** A private torrent and a public one of the same worker: each asks only the servers of its own list. */
    @Test
    void aTorrentAsksOnlyItsOwnWebSeeds() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, MIB));
        Info own = RandomContent.torrent(content, PIECE, true);
        Engine engine = engine(US, 100 * MIB, 0);
        TorrentHandle hidden = join(engine, own, MemoryStore.empty(own.pieces()), Limits.NONE);
        TorrentHandle shown = join(engine, info, empty(), Limits.NONE, WEB);

        finish(shown, Duration.ofSeconds(60));

        assertThat(hidden.stats().downloaded()).isZero();
        assertThat(hidden.stats().webSeeds()).isEmpty();
    }

    // ---- Bounds

    @Test
    void theRatesOfTheWorkerAndTheTorrentHold() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, 50 * MIB));
        Engine limited = engine(US, 100 * MIB, 256 << 10);
        TorrentHandle torrent = join(limited, info, empty(), Limits.NONE, WEB);
        pass(Duration.ofSeconds(20));
        assertThat(torrent.stats().downloaded()).isBetween(4L * MIB, 11L * MIB / 2);

        torrent.setLimits(new Limits(64 << 10, 0));
        pass(Duration.ofSeconds(2));
        long before = torrent.stats().downloaded();
        pass(Duration.ofSeconds(20));
        assertThat(torrent.stats().downloaded() - before).isBetween(MIB + 0L, 3L * MIB / 2);
        assertThat(code(torrent))
                .as("a server that is made to wait has not failed")
                .isIn("waiting", "ok");
    }

    @Test
    void fewAreUsedAtOnceByATorrentAndAtAHost() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, 500 << 10));
        TorrentHandle torrent = download(
                empty(), IntStream.range(0, 8).mapToObj(i -> WEB + "?" + i).toArray(String[]::new));
        finish(torrent, Duration.ofMinutes(1));
        assertThat(web.mostOpen).isEqualTo(WebSeedLimits.PER_TORRENT);

        pass(Duration.ofSeconds(5));
        web.mostOpen = 0;
        Engine engine = engine(PEER, 100 * MIB, 0);
        List<TorrentHandle> many = new ArrayList<>();
        for (int i = 0; i < WebSeedLimits.PER_HOST + 5; i++) {
            byte[] each = RandomContent.bytes(2 * MIB, 100 + i);
            String host = "http://busy.example/" + i;
            Info torrentOf = RandomContent.torrent(each, PIECE, false);
            contents.put("/" + i, each);
            many.add(join(engine, torrentOf, MemoryStore.empty(torrentOf.pieces()), Limits.NONE, host));
        }
        web.host(
                "busy.example",
                asked -> SimulatedWebServer.file(contentOf(asked), 200 << 10).apply(asked));
        many.forEach(each -> finish(each, Duration.ofMinutes(5)));
        assertThat(web.mostOpen).isEqualTo(WebSeedLimits.PER_HOST);
    }

    private byte[] contentOf(Asked asked) {
        return Objects.requireNonNull(contents.get(asked.url().target()));
    }

    @Test
    void padsAndEmptyFilesAreNotRequested() throws Exception {
        byte[] first = RandomContent.bytes(100_001, 2);
        byte[] second = RandomContent.bytes(300_002, 3);
        Info files = MetainfoBuilder.named("T")
                .add(List.of("a"), first)
                .add(List.of("empty"), new byte[0])
                .add(List.of("b"), second)
                .aligned()
                .pieceLength(PIECE)
                .build()
                .info();
        contents.put("/T/a", first);
        contents.put("/T/b", second);
        web.host(
                "web.example",
                asked -> SimulatedWebServer.file(contentOf(asked), MIB).apply(asked));
        MemoryStore store = MemoryStore.empty(files.pieces());
        TorrentHandle torrent = join(engine(US, 100 * MIB, 0), files, store, Limits.NONE, "http://web.example/");

        finish(torrent, Duration.ofSeconds(20));

        for (FileEntry file : files.files()) {
            byte[] expected = file.pad() || file.length() == 0
                    ? new byte[(int) file.length()]
                    : Objects.requireNonNull(contents.get("/T/" + file.path().getFirst()));
            assertThat(Arrays.copyOfRange(store.content, (int) file.offset(), (int) file.end()))
                    .isEqualTo(expected);
        }
        assertThat(web.asked).extracting(each -> each.url().target()).containsOnly("/T/a", "/T/b");
        assertThat(torrent.stats().downloaded()).isEqualTo(400_003);
    }

    // ---- Servers without ranges

    /** The server answers each range with these bytes. */
    private void answerRanges(Function<Asked, byte[]> body, int bytesPerSecond, Answer.End end) {
        web.host(
                "web.example",
                asked -> new Answer(
                        206,
                        SimulatedWebServer.contentRange(asked, content.length),
                        body.apply(asked),
                        bytesPerSecond,
                        end));
    }

    private Answer wholeFile(Asked asked) {
        assertThat(asked.length()).isLessThan(content.length);
        return new Answer(
                200, Map.of("Content-Length", String.valueOf(content.length)), content, 2 * MIB, Answer.End.COMPLETE);
    }

    @Test
    void aServerWithoutRangesIsReadFromTheFirstByteToTheLast() throws Exception {
        web.host("web.example", this::wholeFile);
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);

        finish(torrent, Duration.ofSeconds(30));

        assertThat(store.content).isEqualTo(content);
        assertThat(web.asked).hasSize(1);
        assertThat(code(torrent)).isEqualTo("ok");
    }

    @Test
    void aServerWithoutRangesIsDroppedWhereTheyAreNeeded() throws Exception {
        web.host("web.example", this::wholeFile);
        MemoryStore store = MemoryStore.of(info.pieces(), content);
        IntStream.range(1, info.pieces().count()).forEach(store::lose);
        TorrentHandle torrent = download(store, WEB);
        pass(Duration.ofHours(3));
        assertThat(code(torrent)).isEqualTo("no-range");
        assertThat(web.asked).hasSize(1);
        assertThat(torrent.stats().downloaded()).isZero();
    }

    // ---- Servers that fail

    private List<Duration> pauses(Answer answer, Duration time) throws IOException {
        web.host("web.example", asked -> answer);
        TorrentHandle torrent = download(empty(), WEB);
        pass(time);
        lastCode = code(torrent);
        List<Duration> pauses = new ArrayList<>();
        for (int i = 1; i < web.asked.size(); i++) {
            pauses.add(web.asked.get(i).at().minus(web.asked.get(i - 1).at()));
        }
        return pauses;
    }

    @Test
    void aServerThatIsBusyIsLeftAloneAsLongAsItAsks() throws Exception {
        List<Duration> pauses = pauses(Answer.status(503, Map.of("Retry-After", "1000")), Duration.ofSeconds(3_500));
        assertThat(lastCode).isEqualTo("http-503");
        assertThat(pauses).hasSize(3).allMatch(pause -> pause.compareTo(Duration.ofSeconds(1_000)) >= 0);
    }

    @Test
    void aPauseNeverExceedsAnHour() throws Exception {
        List<Duration> pauses = pauses(Answer.status(429, Map.of("Retry-After", "999999999")), Duration.ofMinutes(125));
        assertThat(lastCode).isEqualTo("http-429");
        assertThat(pauses).hasSize(2);
    }

    @Test
    void pausesGrow() throws Exception {
        List<Duration> pauses = pauses(Answer.unreachable(), Duration.ofMinutes(16));
        assertThat(lastCode).isEqualTo("unreachable");
        assertThat(pauses).hasSize(5).isSorted();
        assertThat(pauses.getFirst()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(33));
        assertThat(pauses.getLast()).isBetween(Duration.ofSeconds(480), Duration.ofSeconds(483));
    }

    @Test
    void whereTheFileIsMissingItIsAskedSeldom() throws Exception {
        List<Duration> pauses = pauses(Answer.status(404, Map.of()), Duration.ofMinutes(35));
        assertThat(lastCode).isEqualTo("not-found");
        assertThat(pauses).hasSize(2).allMatch(pause -> pause.compareTo(Duration.ofMinutes(10)) >= 0);
    }

    @Test
    void whereAccessIsRefusedItIsAskedSeldom() throws Exception {
        assertThat(pauses(Answer.status(403, Map.of()), Duration.ofMinutes(15))).hasSize(1);
        assertThat(lastCode).isEqualTo("refused");
    }

    @Test
    void anotherFileIsNotUsed() throws Exception {
        byte[] longer = Arrays.copyOf(content, content.length + 1);
        web.host("web.example", SimulatedWebServer.file(longer, MIB));
        TorrentHandle torrent = download(empty(), WEB);
        pass(Duration.ofHours(3));
        assertThat(code(torrent)).isEqualTo("wrong-size");
        assertThat(web.asked).hasSize(1);
    }

    @Test
    void aRangeThatWasNotAskedForIsNotUsed() throws Exception {
        Answer other = new Answer(
                206,
                Map.of("Content-Range", "bytes 5-1000/" + content.length),
                new byte[996],
                MIB,
                Answer.End.COMPLETE);
        assertThat(pauses(other, Duration.ofMinutes(5))).isEmpty();
        assertThat(lastCode).isEqualTo("malformed");
    }

    @Test
    void aServerThatLiesIsBannedAndNoOtherIs() throws Exception {
        byte[] wrong = content.clone();
        wrong[5] ^= 1;
        web.host("web.example", SimulatedWebServer.file(wrong, MIB));
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);
        pass(Duration.ofSeconds(10));
        assertThat(code(torrent)).isEqualTo("lied");
        assertThat(torrent.stats().hashFailures()).isEqualTo(1);
        int asked = web.asked.size();

        web.host("other.example", SimulatedWebServer.file(content, 2 * MIB));
        torrent.setWebSeeds(List.of(WEB, OTHER));
        finish(torrent, Duration.ofSeconds(30));

        assertThat(store.content).isEqualTo(content);
        assertThat(web.askedOf("web.example")).hasSize(asked);
        assertThat(torrent.stats().webSeeds()).extracting(WebSeedStats::code).containsExactly("lied", "ok");
    }

    @Test
    void whatASilentServerWasAskedForIsAskedOfAnother() throws Exception {
        answerRanges(asked -> Arrays.copyOf(content, 1_000), MIB, Answer.End.HANG);
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);
        pass(Duration.ofSeconds(15));
        assertThat(torrent.stats().openPieces()).isEqualTo(16);
        pass(Duration.ofSeconds(10));
        assertThat(code(torrent)).isEqualTo("timeout");

        web.host("other.example", SimulatedWebServer.file(content, 2 * MIB));
        torrent.setWebSeeds(List.of(WEB, OTHER));
        finish(torrent, Duration.ofSeconds(20));
        assertThat(store.content).isEqualTo(content);
    }

    @Test
    void aSlowServerDoesNotHoldUpTheEnd() throws Exception {
        web.host("web.example", SimulatedWebServer.file(content, 10_000));
        web.host("other.example", SimulatedWebServer.file(content, 2 * MIB));
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB, OTHER);

        finish(torrent, Duration.ofSeconds(20));

        assertThat(store.content).isEqualTo(content);
        assertThat(torrent.stats().wasted()).isLessThan(MIB / 2);
    }

    @Test
    void whatAnAnswerThatBreaksOffHasBroughtIsKept() throws Exception {
        answerRanges(asked -> Arrays.copyOf(SimulatedWebServer.part(content, asked), 500_000), MIB, Answer.End.BREAK);
        TorrentHandle torrent = download(empty(), WEB);
        pass(Duration.ofSeconds(20));
        assertThat(code(torrent)).isEqualTo("closed");
        assertThat(torrent.stats().left()).isEqualTo(content.length - 7 * PIECE);
        pass(Duration.ofSeconds(30));
        assertThat(web.asked).hasSize(2).last().extracting(Asked::from).isEqualTo(0L + 30 * (16 << 10));
    }

    @Test
    void aShortBodyIsAFailure() throws Exception {
        answerRanges(
                asked -> Arrays.copyOf(SimulatedWebServer.part(content, asked), 500_000), MIB, Answer.End.COMPLETE);
        TorrentHandle torrent = download(empty(), WEB);
        pass(Duration.ofSeconds(20));
        assertThat(code(torrent)).isEqualTo("short");
        assertThat(web.asked).hasSize(1);
    }

    @Test
    void whatIsBeyondTheRangeIsNotRead() throws Exception {
        answerRanges(
                asked -> Arrays.copyOfRange(content, (int) asked.from(), content.length + 5 * MIB),
                4 * MIB,
                Answer.End.HANG);
        MemoryStore store = empty();
        TorrentHandle torrent = download(store, WEB);

        finish(torrent, Duration.ofSeconds(30));

        assertThat(store.content).isEqualTo(content);
        assertThat(torrent.stats().downloaded()).isEqualTo(content.length);
    }
}
