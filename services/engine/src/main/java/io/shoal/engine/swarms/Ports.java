package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Network;
import io.shoal.engine.peers.Handshaking;
import io.shoal.engine.session.Arrivals;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that are listened on, and which torrent a peer means that arrives there.
 *
 * <p>Invariant: at one port an info-hash means one torrent, so that nobody receives peers that another's announce brought. A
 * torrent that finds its info-hash taken at all ports only dials out.
 */
final class Ports {
    private final List<InetSocketAddress> listening = new ArrayList<>();
    private final Map<At, Arrivals> torrents = new HashMap<>(); // guarded by this
    private final Door door = new Door();

    /** One info-hash at one of the ports. */
    private record At(int port, InfoHash hash) {}

    /** Where a torrent may be found; {@code index} is -1 for nowhere. */
    record Berth(int index, int port) {}

    Ports(EngineConfig config, Network network) throws IOException {
        for (InetSocketAddress address : config.listen()) {
            int index = listening.size();
            listening.add(network.listen(address, remote -> greet(index, remote.getAddress())));
        }
    }

    List<InetSocketAddress> listening() {
        return List.copyOf(listening);
    }

    /** A port where this info-hash is still free; none if there is no such. The caller holds it by {@link #put}. */
    synchronized Berth free(InfoHash hash) {
        for (int index = 0; index < listening.size(); index++) {
            if (!torrents.containsKey(new At(index, hash))) {
                return new Berth(index, listening.get(index).getPort());
            }
        }
        return new Berth(-1, 0);
    }

    synchronized void put(Berth berth, InfoHash hash, Arrivals torrent) {
        if (berth.index >= 0) {
            torrents.put(new At(berth.index, hash), torrent);
        }
    }

    synchronized void remove(Arrivals torrent) {
        torrents.values().remove(torrent);
    }

    private synchronized @Nullable Arrivals at(int index, InfoHash hash) {
        return torrents.get(new At(index, hash));
    }

    private ConnectionHandler greet(int index, InetAddress stranger) {
        if (!door.enter(stranger)) {
            return new Refusal();
        }
        return Handshaking.incoming(new Handshaking.Outcome() {
            @Override
            public void shaken(Connection connection, Handshake theirs, ByteBuf rest) {
                door.leave(stranger);
                Arrivals torrent = at(index, theirs.infoHash());
                if (torrent == null) {
                    rest.release();
                    connection.close();
                } else {
                    torrent.arrived(connection, theirs, rest);
                }
            }

            @Override
            public void failed() {
                door.leave(stranger);
            }
        });
    }

    /** Closes at once: too many strangers are at the door. */
    private static final class Refusal implements ConnectionHandler {
        @Override
        public void opened(Connection connection) {
            connection.close();
        }

        @Override
        public void received(ByteBuf bytes) {
            // it is closing
        }

        @Override
        public void writabilityChanged() {
            // nothing is written
        }

        @Override
        public void closed() {
            // as was meant
        }
    }
}
