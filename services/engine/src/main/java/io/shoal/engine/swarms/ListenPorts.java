package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import io.shoal.engine.obfuscation.ObfuscatedHash;
import io.shoal.engine.obfuscation.PeerEncryption;
import io.shoal.engine.peers.HandshakeHandler;
import io.shoal.engine.picking.Claims;
import io.shoal.engine.session.PeerAcceptor;
import io.shoal.engine.session.Presence;
import io.shoal.engine.session.RunningTorrent;
import io.shoal.engine.session.Siblings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The ports that are listened on, which torrent announces which of them, and which torrent receives a peer that
 * arrives there.
 *
 * <p>Invariant: every torrent has a port. Torrents of one info-hash have different ones as long as there are enough;
 * otherwise {@link PortGroup} decides how they share. Any thread.
 */
final class ListenPorts {
    /**
     * {@code 100::/64} (RFC 6666): unreachable addresses, as placeholders for torrents of this engine as peers of one
     * another.
     */
    private static final long DISCARD = 0x0100_0000_0000_0000L;

    private final List<ListenPort> ports = new ArrayList<>();
    private final Map<InfoHash, PortGroup> groups = new HashMap<>(); // guarded by this

    /** The keys of {@link #groups} as encrypted handshakes name them. */
    private final Map<ObfuscatedHash, InfoHash> obfuscated = new HashMap<>(); // guarded by this

    private final PeerEncryption encryption;
    private final HandshakeLimiter handshakes = new HandshakeLimiter();
    private final @Nullable String announcedAddress;
    private final Predicate<PeerId> fleet;
    private long registered; // guarded by this

    ListenPorts(EngineConfig config, Network network, PeerEncryption encryption) throws IOException {
        this.encryption = encryption;
        announcedAddress = config.announcedAddress();
        fleet = config.fleet();
        List<? extends Loop> loops = network.loops();
        try {
            for (List<InetSocketAddress> addresses : ListenPort.grouped(config.listen())) {
                int index = ports.size();
                ports.add(ListenPort.open(
                        network,
                        loops.get(index % loops.size()),
                        addresses,
                        remote -> accept(index, remote.getAddress())));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    List<InetSocketAddress> listening() {
        return ports.stream().flatMap(port -> port.addresses().stream()).toList();
    }

    /** The UDP side of each port. */
    List<DatagramPort> datagrams() {
        return ports.stream().map(ListenPort::datagrams).toList();
    }

    /** Returns the counts of all datagrams. */
    DatagramPort.Counters datagramCounters() {
        return ListenPort.counters(ports);
    }

    /** Closes the UDP sockets; those of TCP are the network's. */
    void close() {
        datagrams().forEach(DatagramPort::close);
    }

    /** Returns where peers reach this engine, the announced address first. */
    SequencedSet<InetSocketAddress> ownAddresses() {
        return OwnAddresses.of(listening(), announcedAddress);
    }

    /** Assigns a port to a new torrent, until {@link #unregister}. */
    synchronized Presence register(InfoHash hash, PeerId peerId, boolean isPrivate) {
        PortGroup group = groups.computeIfAbsent(hash, h -> {
            obfuscated.put(ObfuscatedHash.of(h), h);
            return new PortGroup(ports.size(), fleet);
        });
        int index = group.leastUsedPort();
        int port = ports.get(index).number();
        Presence presence =
                new Presence(peerId, isPrivate, port, new InetSocketAddress(discardAddress(++registered), port));
        group.join(presence, index);
        return presence;
    }

    private static InetAddress discardAddress(long number) {
        byte[] bytes = ByteBuffer.allocate(16).putLong(DISCARD).putLong(number).array();
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }

    /** From now on {@code torrent} receives peers. */
    synchronized void activate(InfoHash hash, PeerAcceptor torrent) {
        PortGroup group = groups.get(hash);
        if (group != null) {
            group.activate(torrent.presence(), torrent);
        }
    }

    synchronized void unregister(InfoHash hash, Presence presence) {
        PortGroup group = groups.get(hash);
        if (group != null) {
            group.leave(presence);
            if (group.isEmpty()) {
                groups.remove(hash);
                obfuscated.remove(ObfuscatedHash.of(hash));
            }
        }
    }

    /** The other torrents of an info-hash, as {@code self} sees them. */
    Siblings siblings(InfoHash hash, Presence self) {
        return new Siblings() {
            @Override
            public List<RunningTorrent> connectable() {
                synchronized (ListenPorts.this) {
                    PortGroup group = groups.get(hash);
                    return group == null
                            ? List.of()
                            : group.connectable(self)
                                    .filter(RunningTorrent.class::isInstance)
                                    .map(RunningTorrent.class::cast)
                                    .toList();
                }
            }

            @Override
            public Claims claims(int pieces, LongSupplier clock) {
                synchronized (ListenPorts.this) {
                    PortGroup group = groups.get(hash);
                    return group == null ? Claims.NONE : group.claims(self, pieces, clock);
                }
            }

            @Override
            public List<PeerAcceptor> sharingPortAt(String tracker) {
                synchronized (ListenPorts.this) {
                    PortGroup group = groups.get(hash);
                    return group == null
                            ? List.of()
                            : group.atPortOf(self).stream()
                                    .filter(each -> each.isAnnouncedTo(tracker))
                                    .toList();
                }
            }
        };
    }

    /** Returns the torrent that receives a peer, and makes it expect the peer; null if there is none. */
    private synchronized @Nullable PeerAcceptor acceptorFor(int index, Handshake theirs, InetAddress address) {
        PortGroup group = groups.get(theirs.infoHash());
        PeerAcceptor acceptor = group == null ? null : group.acceptorFor(index, theirs.peerId(), address);
        if (acceptor != null) {
            acceptor.presence().expectPeer();
        }
        return acceptor;
    }

    /** Returns the torrent that answers a peer whose peer id has not come yet; null if none does. */
    private synchronized @Nullable PeerAcceptor acceptorFor(int index, InfoHash hash) {
        PortGroup group = groups.get(hash);
        return group == null ? null : group.acceptorFor(index);
    }

    /** Returns the torrent of an encrypted handshake, if the peer may learn that this port has it; otherwise null. */
    private synchronized @Nullable InfoHash obfuscatedTorrent(int index, ObfuscatedHash name, InetAddress address) {
        InfoHash hash = obfuscated.get(name);
        PortGroup group = hash == null ? null : groups.get(hash);
        return group != null && group.mayAnswer(index, address) ? hash : null;
    }

    /** Returns the torrent that has answered a peer, and makes it expect the peer; null if it does not accept it. */
    private static @Nullable PeerAcceptor stillAccepting(PeerAcceptor torrent, Handshake theirs) {
        Presence presence = torrent.presence();
        if (!presence.isAccepting() || presence.isConnectedTo(theirs.peerId())) {
            return null;
        }
        presence.expectPeer();
        return torrent;
    }

    private synchronized boolean isOwnTorrent(Handshake theirs) {
        PortGroup group = groups.get(theirs.infoHash());
        return group != null && group.contains(theirs.peerId());
    }

    private ConnectionHandler accept(int index, InetAddress remote) {
        if (!handshakes.tryAcquire(remote)) {
            return new RejectingHandler();
        }
        HandshakeHandler plain = HandshakeHandler.incoming(new HandshakeHandler.Listener() {
            private @Nullable PeerAcceptor answered;

            @Override
            public @Nullable Handshake answer(InfoHash infoHash) {
                PeerAcceptor torrent = acceptorFor(index, infoHash);
                answered = torrent;
                return torrent == null
                        ? null
                        : new Handshake(infoHash, torrent.presence().peerId(), Capabilities.OURS);
            }

            @Override
            public void completed(Connection connection, Handshake theirs, ByteBuf rest) {
                handshakes.release(remote);
                if (isOwnTorrent(theirs)) {
                    rest.release();
                    replyWithOwnHandshake(connection, theirs, answered != null);
                    return;
                }
                PeerAcceptor torrent =
                        answered == null ? acceptorFor(index, theirs, remote) : stillAccepting(answered, theirs);
                if (torrent == null) {
                    rest.release();
                    connection.close();
                } else {
                    torrent.accept(connection, theirs, rest, answered != null);
                }
            }

            @Override
            public void failed(boolean wasOpen) {
                handshakes.release(remote);
            }
        });
        return encryption.incoming(name -> obfuscatedTorrent(index, name, remote), plain);
    }

    /**
     * Answers a torrent of this engine that dialled its own address with its own handshake, from which it recognises
     * the address.
     */
    private static void replyWithOwnHandshake(Connection connection, Handshake own, boolean answered) {
        if (!answered) {
            ByteBuf answer = Unpooled.buffer(Handshake.LENGTH);
            own.encode(answer);
            connection.write(answer);
            connection.flush();
        }
        connection.close();
    }

    /** Closes the connection at once: too many handshakes are incomplete. */
    private static final class RejectingHandler implements ConnectionHandler {
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
            // the connection was rejected
        }
    }
}
