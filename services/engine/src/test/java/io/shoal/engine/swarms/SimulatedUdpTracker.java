package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.announce.UdpTrackerClient;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Datagrams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A UDP tracker (BEP 15) on a simulated host. It knows each peer by the address that a datagram comes from and the port
 * that it names, and gives each all others.
 */
public final class SimulatedUdpTracker {
    private static final int CONNECTION_ID = 77;
    private static final int INTERVAL_S = 60;

    final Set<InetSocketAddress> sources = new LinkedHashSet<>();
    private final Map<InfoHash, Set<InetSocketAddress>> swarms = new LinkedHashMap<>();
    private final InetSocketAddress address;
    private final Datagrams socket;
    private boolean away;

    public SimulatedUdpTracker(SimulatedNetwork network, Simulation simulation, int host) {
        address = SimulatedNetwork.address(host);
        try {
            socket = network.datagrams.bind(simulation.loop, address, this::received);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The URL that torrents announce to. */
    public String url() {
        return "udp://tracker.simulated:" + address.getPort() + "/announce";
    }

    /** Sets whether it answers nothing. */
    public void setAway(boolean away) {
        this.away = away;
    }

    /** The engine's own client at {@code port}, for which every name is this tracker's. */
    public TrackerClient clientOf(DatagramPort port, RandomGenerator random) {
        return new UdpTrackerClient(
                port,
                any -> true,
                (name, executor, found) -> executor.execute(() -> found.accept(List.of(address.getAddress()))),
                random);
    }

    /** The peers of a swarm. */
    public Set<InetSocketAddress> peers(InfoHash hash) {
        return swarms.computeIfAbsent(hash, h -> new LinkedHashSet<>());
    }

    private void received(ByteBuf request, InetSocketAddress from) {
        if (away) {
            return;
        }
        boolean isConnect = request.getInt(8) == 0;
        ByteBuf reply = Unpooled.buffer().writeInt(isConnect ? 0 : 1).writeInt(request.getInt(12));
        if (isConnect) {
            socket.send(reply.writeLong(CONNECTION_ID), from);
            return;
        }
        InetSocketAddress peer = new InetSocketAddress(from.getAddress(), request.getUnsignedShort(96));
        Set<InetSocketAddress> swarm = peers(InfoHash.of(ByteBufUtil.getBytes(request, 16, InfoHash.LENGTH)));
        sources.add(from);
        swarm.add(peer);
        reply.writeInt(INTERVAL_S).writeInt(0).writeInt(swarm.size());
        for (InetSocketAddress each : swarm) {
            if (!each.equals(peer)) {
                reply.writeBytes(each.getAddress().getAddress()).writeShort(each.getPort());
            }
        }
        socket.send(reply, from);
    }
}
