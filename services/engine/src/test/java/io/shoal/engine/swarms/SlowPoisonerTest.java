package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A peer that spoils a piece, and then, as the only one that may deliver it, takes hours. */
class SlowPoisonerTest {
    private static final int LEECH = 1;
    private static final int POISONER = 2;
    private static final int HONEST = 3;
    private static final int BYTES_PER_SECOND = 200_000;

    private final Simulation simulation = new Simulation(3);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(4 << 20, 3);
    private final Info info = RandomContent.torrent(content, 4 << 20, false);
    private final MemoryStore store = MemoryStore.empty(info.pieces());
    private final Set<InetAddress> banned = new HashSet<>();
    private Poisoner poisoner = new Poisoner(); // replaced by each connection
    private boolean finished;

    /** Sends one wrong block, and when a block is requested again, one block in 29 seconds. */
    private final class Poisoner extends ScriptedSeed {
        private final Set<Integer> seen = new HashSet<>();
        private long nextAt;
        private boolean isOwner;

        Poisoner() {
            super(POISONER, info, content, request -> true);
        }

        @Override
        protected void requested(int n, int piece, int begin, int length) {
            isOwner |= !seen.add(begin);
            if (isOwner) {
                nextAt = Math.max(nextAt, simulation.now())
                        + Duration.ofSeconds(29).toNanos();
                simulation.after(
                        Duration.ofNanos(nextAt - simulation.now()), () -> super.requested(n, piece, begin, length));
            } else if (n == 1) {
                send(piece, begin, new byte[length]);
            } else {
                super.requested(n, piece, begin, length);
            }
        }
    }

    @Test
    void anotherPeerDeliversThePiece() throws IOException {
        TorrentHandle torrent = join();
        network.of(POISONER, BYTES_PER_SECOND).listen(SimulatedNetwork.address(POISONER), remote -> {
            poisoner = new Poisoner();
            return poisoner;
        });
        network.of(HONEST, BYTES_PER_SECOND)
                .listen(
                        SimulatedNetwork.address(HONEST),
                        remote -> new ScriptedSeed(HONEST, info, content, request -> true));
        torrent.addPeer(SimulatedNetwork.address(POISONER));
        simulation.run(Duration.ofMillis(500), () -> false);
        torrent.addPeer(SimulatedNetwork.address(HONEST));

        assertThat(simulation.run(Duration.ofMinutes(3), () -> finished)).isTrue();
        assertThat(poisoner.isOwner).isTrue();
        assertThat(store.content).isEqualTo(content);
        assertThat(banned).containsExactly(SimulatedNetwork.address(POISONER).getAddress());
    }

    private TorrentHandle join() throws IOException {
        Engine engine = network.engine(LEECH, BYTES_PER_SECOND);
        PeerId id = SimulatedNetwork.peerId(LEECH);
        return engine.add(
                new TorrentSpec(info, id, List.of(), Resumed.FRESH, PieceWish.ALL, Mode.RUN),
                store,
                new StrictListener() {
                    @Override
                    public void finished() {
                        finished = true;
                    }

                    @Override
                    public void banned(InetAddress liar, int piece) {
                        banned.add(liar);
                    }
                });
    }
}
