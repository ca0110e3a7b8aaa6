package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.announce.UdpTrackerClient;
import io.shoal.engine.net.Datagrams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A simulated swarm whose peers find one another through a UDP tracker, while datagrams are lost. */
class UdpAnnounceTest {
    private static final int SEED = 1;
    private static final int LEECH = 2;
    private static final InetSocketAddress TRACKER = SimulatedNetwork.address(100);
    private static final String URL = "udp://tracker.test:" + TRACKER.getPort() + "/announce";

    /** Knows each peer by the address that a datagram comes from and the port that it names, and gives each all others. */
    private static final class UdpTracker {
        final Set<InetSocketAddress> sources = new LinkedHashSet<>();
        final Set<InetSocketAddress> peers = new LinkedHashSet<>();
        private final Datagrams socket;

        UdpTracker(SimulatedNetwork network, Simulation simulation) throws IOException {
            socket = network.datagrams.bind(simulation.loop, TRACKER, this::received);
        }

        private void received(ByteBuf request, InetSocketAddress from) {
            boolean isConnect = request.getInt(8) == 0;
            ByteBuf reply = Unpooled.buffer().writeInt(isConnect ? 0 : 1).writeInt(request.getInt(12));
            if (isConnect) {
                socket.send(reply.writeLong(77), from);
                return;
            }
            InetSocketAddress peer = new InetSocketAddress(from.getAddress(), request.getUnsignedShort(96));
            sources.add(from);
            peers.add(peer);
            reply.writeInt(60).writeInt(0).writeInt(peers.size());
            for (InetSocketAddress each : peers) {
                if (!each.equals(peer)) {
                    reply.writeBytes(each.getAddress().getAddress()).writeShort(each.getPort());
                }
            }
            socket.send(reply, from);
        }
    }

    private final Simulation simulation = new Simulation(11);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private int finished;

    private Engine engine(int host) throws IOException {
        return new Engine(
                new EngineConfig(List.of(SimulatedNetwork.address(host)), null, address -> true, 0, 0),
                network.of(host, 1_000_000),
                address -> true,
                ports -> new UdpTrackerClient(
                        ports.getFirst(),
                        address -> true,
                        (name, executor, found) -> executor.execute(() -> found.accept(List.of(TRACKER.getAddress()))),
                        simulation.random.split()),
                simulation.workers,
                simulation.random.split());
    }

    private void join(int host, Info info, MemoryStore store, Mode mode) throws IOException {
        engine(host)
                .add(
                        new TorrentSpec(
                                info,
                                SimulatedNetwork.peerId(host),
                                List.of(List.of(URL)),
                                Resumed.FRESH,
                                PieceWish.ALL,
                                mode),
                        store,
                        new StrictListener() {
                            @Override
                            public void finished() {
                                finished += mode == Mode.RUN ? 1 : 0;
                            }
                        });
    }

    @Test
    void peersMeetThroughAUdpTrackerAtTheirListenPorts() throws Exception {
        byte[] content = RandomContent.bytes(500_000, 11);
        Info info = RandomContent.torrent(content, 64 << 10, false);
        UdpTracker tracker = new UdpTracker(network, simulation);
        network.datagrams.setLoss(0.3);
        join(SEED, info, MemoryStore.of(info.pieces(), content), Mode.SEED);
        MemoryStore leech = MemoryStore.empty(info.pieces());
        join(LEECH, info, leech, Mode.RUN);

        assertThat(simulation.run(Duration.ofMinutes(30), () -> finished == 1)).isTrue();

        assertThat(leech.content).isEqualTo(content);
        assertThat(tracker.sources)
                .containsExactlyInAnyOrder(SimulatedNetwork.address(SEED), SimulatedNetwork.address(LEECH));
        assertThat(tracker.peers).isEqualTo(tracker.sources);
    }
}
