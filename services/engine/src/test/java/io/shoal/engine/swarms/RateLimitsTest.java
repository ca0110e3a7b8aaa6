package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Limits;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rates of a worker and of its torrents, with many peers. */
class RateLimitsTest {
    private static final int LIMITED = 1;
    private static final int RATE = 256 << 10;
    private static final int PIECE = 64 << 10;

    private final Simulation simulation = new Simulation(7);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private int nextHost = LIMITED + 1;

    private Engine engine(int host, long downLimit, long upLimit) throws IOException {
        return new Engine(
                new EngineConfig(List.of(SimulatedNetwork.address(host)), null, address -> true, downLimit, upLimit),
                network.of(host, 10 * RATE),
                address -> true,
                SimulatedNetwork.NO_TRACKERS,
                simulation.workers,
                simulation.random.split());
    }

    private static TorrentHandle join(
            Engine engine, int host, Info info, MemoryStore store, Mode mode, String owner, Limits limits) {
        PeerId id = SimulatedNetwork.peerId(host);
        TorrentSpec spec = new TorrentSpec(info, id, List.of(), Resumed.FRESH, PieceWish.ALL, mode, owner, limits);
        return engine.add(spec, store, new StrictListener());
    }

    /** Content that takes longer than the test. */
    private static byte[] content(long seed) {
        return RandomContent.bytes(40 * RATE, seed);
    }

    /** A torrent of the limited engine that downloads from {@code seeds} others. */
    private TorrentHandle download(Engine limited, int seeds, String owner, Limits limits) throws IOException {
        byte[] content = content(nextHost);
        Info info = RandomContent.torrent(content, PIECE, false);
        TorrentHandle torrent = join(limited, LIMITED, info, MemoryStore.empty(info.pieces()), Mode.RUN, owner, limits);
        MemoryStore held = MemoryStore.of(info.pieces(), content);
        for (int i = 0; i < seeds; i++) {
            int host = nextHost++;
            join(engine(host, 0, 0), host, info, held, Mode.SEED, "", Limits.NONE);
            torrent.addPeer(SimulatedNetwork.address(host));
        }
        return torrent;
    }

    private void pass(Duration time) {
        simulation.run(time, () -> false);
    }

    private static long downloaded(List<TorrentHandle> torrents) {
        return torrents.stream()
                .mapToLong(torrent -> torrent.stats().downloaded())
                .sum();
    }

    @Test
    void aWorkersRateIsKeptEverySecondAndSharedByOwners() throws Exception {
        Engine limited = engine(LIMITED, RATE, 0);
        TorrentHandle crowded = download(limited, 60, "a", Limits.NONE);
        TorrentHandle lonely = download(limited, 2, "b", Limits.NONE);
        List<TorrentHandle> both = List.of(crowded, lonely);
        pass(Duration.ofSeconds(10));
        List<Long> perSecond = new ArrayList<>();
        long crowdedBefore = crowded.stats().downloaded();
        long lonelyBefore = lonely.stats().downloaded();
        for (int second = 0; second < 40; second++) {
            long before = downloaded(both);
            pass(Duration.ofSeconds(1));
            perSecond.add(downloaded(both) - before);
        }

        assertThat(perSecond)
                .as("%s", perSecond)
                .allSatisfy(bytes -> assertThat(bytes).isBetween(RATE * 8L / 10, RATE * 12L / 10));
        long ofCrowded = crowded.stats().downloaded() - crowdedBefore;
        long ofLonely = lonely.stats().downloaded() - lonelyBefore;
        assertThat(ofLonely).isBetween(ofCrowded * 8 / 10, ofCrowded * 12 / 10);
    }

    @Test
    void aTorrentsRateIsKeptAndMayChange() throws Exception {
        Engine engine = engine(LIMITED, 0, 0);
        TorrentHandle torrent = download(engine, 30, "a", new Limits(RATE / 4, 0));
        pass(Duration.ofSeconds(10));
        long before = torrent.stats().downloaded();
        pass(Duration.ofSeconds(20));
        assertThat(torrent.stats().downloaded() - before).isBetween(20L * RATE / 4 * 9 / 10, 20L * RATE / 4 * 11 / 10);

        torrent.setLimits(new Limits(RATE, 0));
        pass(Duration.ofSeconds(3));
        before = torrent.stats().downloaded();
        pass(Duration.ofSeconds(10));
        assertThat(torrent.stats().downloaded() - before).isBetween(10L * RATE * 9 / 10, 10L * RATE * 11 / 10);

        torrent.setLimits(Limits.NONE);
        assertThat(simulation.run(Duration.ofSeconds(60), () -> torrent.stats().left() == 0))
                .as("without a limit it is soon done")
                .isTrue();
    }

    @Test
    void whatIsSentKeepsTheRateToo() throws Exception {
        byte[] content = content(1);
        Info info = RandomContent.torrent(content, PIECE, true); // private: the leeches do not learn of one another
        Engine limited = engine(LIMITED, 0, 0);
        TorrentHandle seed = join(
                limited,
                LIMITED,
                info,
                MemoryStore.of(info.pieces(), content),
                Mode.SEED,
                "a",
                new Limits(0, RATE / 2));
        List<TorrentHandle> leeches = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int host = nextHost++;
            TorrentHandle leech =
                    join(engine(host, 0, 0), host, info, MemoryStore.empty(info.pieces()), Mode.RUN, "", Limits.NONE);
            leech.addPeer(SimulatedNetwork.address(LIMITED));
            leeches.add(leech);
        }
        pass(Duration.ofSeconds(15));
        long before = downloaded(leeches);
        long sentBefore = seed.stats().uploaded();
        pass(Duration.ofSeconds(30));

        assertThat(downloaded(leeches) - before).isBetween(15L * RATE * 85 / 100, 15L * RATE * 115 / 100);
        assertThat(seed.stats().uploaded() - sentBefore).isBetween(15L * RATE * 85 / 100, 15L * RATE * 115 / 100);
    }
}
