package io.shoal.engine.swarms;

import io.shoal.bittorrent.PeerId;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Datagrams;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import io.shoal.engine.net.SimulatedDatagrams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The hosts of a {@link Simulation} and the connections between them: with latency, occasional breaks, and the limited
 * speed of each host's line, which its connections share.
 */
public final class SimulatedNetwork {
    private static final int PORT = 6881;
    private static final int FIRST_EPHEMERAL_PORT = 32_768;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** None can be reached. */
    static final TrackerClient NO_TRACKERS = (url, request, loop, done) ->
            loop.execute(() -> done.accept(TrackerClient.Failed.of(TrackerClient.Codes.UNREACHABLE)));

    /** Between the hosts. */
    public final SimulatedDatagrams datagrams;

    private final Simulation simulation;
    private final Map<Integer, SimulatedHost> hosts = new HashMap<>();
    private final Map<InetAddress, SimulatedHost> hostsByAddress = new HashMap<>();
    private final Map<InetSocketAddress, Function<InetSocketAddress, ConnectionHandler>> listeners = new HashMap<>();
    private final List<SimulatedConnection.Wire> wires = new ArrayList<>();
    private int ports;

    public SimulatedNetwork(Simulation simulation) {
        this.simulation = simulation;
        this.datagrams = new SimulatedDatagrams(simulation.loop, simulation.random, this::isCut);
    }

    static InetSocketAddress address(int host) {
        return address(host, 0);
    }

    /** The address of one of the ports of {@code host}, counted from 0. */
    public static InetSocketAddress address(int host, int port) {
        return new InetSocketAddress(ip(host), PORT + port);
    }

    /** The id of {@code host} in every swarm. */
    public static PeerId peerId(int host) {
        return PeerId.of(String.format("-SH0001-%012d", host).getBytes(StandardCharsets.US_ASCII));
    }

    /** An engine of {@code host}, whose line carries so many bytes per second in each direction; no tracker answers it. */
    Engine engine(int host, long bytesPerSecond) throws IOException {
        return new Engine(
                new EngineConfig(List.of(address(host)), null, address -> false, 0, 0),
                of(host, bytesPerSecond),
                address -> true,
                NO_TRACKERS,
                simulation.workers,
                simulation.random.split());
    }

    private static InetAddress ip(int host) {
        try {
            return InetAddress.getByAddress(new byte[] {10, (byte) (host >> 16), (byte) (host >> 8), (byte) host});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** The host of this number, below 2^24. */
    public SimulatedHost host(int number) {
        return hosts.computeIfAbsent(number, n -> {
            SimulatedHost host = new SimulatedHost(simulation, ip(n));
            hostsByAddress.put(host.address(), host);
            return host;
        });
    }

    /** Tears one of the open connections. */
    public void tearOne() {
        wires.removeIf(SimulatedConnection.Wire::isClosed);
        if (!wires.isEmpty()) {
            wires.get(simulation.random.nextInt(wires.size())).tear();
        }
    }

    /** Separates {@code host} from all others: what is sent arrives when it is joined again. */
    public void cut(SimulatedHost host) {
        host.setCut(true);
    }

    private boolean isCut(InetAddress address) {
        SimulatedHost host = hostsByAddress.get(address);
        return host != null && host.isCut();
    }

    /** Joins {@code host} again. */
    public void join(SimulatedHost host) {
        host.setCut(false);
        List.copyOf(wires).forEach(SimulatedConnection.Wire::deliverHeld);
    }

    /** The process of {@code host} dies: its connections are closed, and none of its tasks runs any more. */
    public void kill(SimulatedHost host) {
        host.setKilled();
        datagrams.kill(host.address());
        listeners.keySet().removeIf(local -> local.getAddress().equals(host.address()));
        wires.stream().filter(wire -> wire.joins(host)).toList().forEach(SimulatedConnection.Wire::tear);
    }

    /** The network as {@code host} sees it, whose line carries so many bytes per second in each direction. */
    Network of(int host, long bytesPerSecond) {
        return of(host(host).rate(bytesPerSecond, bytesPerSecond));
    }

    /** The network as {@code host} sees it. */
    public Network of(SimulatedHost host) {
        return new Network() {
            @Override
            public List<? extends Loop> loops() {
                return List.of(host.loop());
            }

            @Override
            public void connect(Loop loop, InetSocketAddress remote, ConnectionHandler handler) {
                dial(host, remote, handler);
            }

            @Override
            public InetSocketAddress listen(
                    InetSocketAddress local, Function<InetSocketAddress, ConnectionHandler> accept) {
                listeners.put(local, accept);
                return local;
            }

            @Override
            public Datagrams bind(Loop loop, InetSocketAddress local, Datagrams.Receiver receiver) throws IOException {
                return datagrams.bind(
                        loop, local, (bytes, from) -> host.loop().execute(() -> receiver.received(bytes, from)));
            }

            @Override
            public void close() {
                // it ends with the simulation
            }
        };
    }

    private void dial(SimulatedHost from, InetSocketAddress remote, ConnectionHandler handler) {
        int port = FIRST_EPHEMERAL_PORT + ports++ % FIRST_EPHEMERAL_PORT;
        InetSocketAddress local = new InetSocketAddress(from.address(), port);
        SimulatedHost to = hostsByAddress.get(remote.getAddress());
        Duration latency = Duration.ofNanos(1_000_000 + simulation.nextNanos(Duration.ofMillis(60)))
                .plus(from.delay())
                .plus(to == null ? Duration.ZERO : to.delay());
        simulation.after(latency, () -> {
            Function<InetSocketAddress, ConnectionHandler> accept = listeners.get(remote);
            if (from.isCut() || (to != null && to.isCut())) {
                from.loop().schedule(CONNECT_TIMEOUT, handler::closed);
            } else if (accept == null || to == null) {
                from.loop().execute(handler::closed);
            } else if (!from.isKilled()) {
                SimulatedConnection.Wire wire = new SimulatedConnection.Wire(simulation, latency);
                wires.add(wire);
                wire.open(
                        new SimulatedConnection(wire, from, remote, handler),
                        new SimulatedConnection(wire, to, local, accept.apply(local)));
            }
        });
    }
}
