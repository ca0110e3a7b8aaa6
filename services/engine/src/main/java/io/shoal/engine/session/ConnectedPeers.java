package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.DirectConnection;
import io.shoal.engine.net.Loop;
import io.shoal.engine.peers.HandshakeHandler;
import io.shoal.engine.peers.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The peers that are let in. Safe to go through while peers come and go; those that have gone take no harm.
 *
 * <p>Invariant: no two have one peer id and stay, none has ours, none is banned, and each has a seat in the {@link ConnectionSlots}, which
 * it gives back when it leaves.
 */
final class ConnectedPeers implements Iterable<ConnectedPeer> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectedPeers.class);

    /** The reason of leaving that makes an address not worth dialling again. */
    private static final String OURSELVES = "ourselves";

    /** The reason of leaving after which an address is dialled later and later: this peer is connected by another way. */
    private static final String TWICE = "connected twice";

    private final TorrentSession session;
    private final Loop loop;
    private final Info info;
    private final PeerId peerId;
    private final ConnectionSlots crowd;
    private final Presence presence;

    /** Replaced on every change, so that peers may come and go while it is gone through. */
    private List<ConnectedPeer> all = List.of();

    ConnectedPeers(TorrentSession session) {
        this.session = session;
        this.loop = session.loop();
        this.info = session.info();
        this.peerId = session.peerId();
        this.presence = session.presence();
        this.crowd = new ConnectionSlots(session.surroundings(), loop, session.download()::isBanned);
    }

    @Override
    public Iterator<ConnectedPeer> iterator() {
        return all.iterator();
    }

    int size() {
        return all.size();
    }

    // ---- They come

    void heardOf(List<InetSocketAddress> peers) {
        crowd.heard(peers);
        dial();
    }

    /** See {@link ConnectionSlots#hasBecomeForsaken}. */
    boolean haveBecomeForsaken() {
        return crowd.hasBecomeForsaken();
    }

    /** More is wanted: dials those who were let go. */
    void recall() {
        crowd.recall();
        dial();
    }

    void forgetCandidates() {
        crowd.forgetCandidates();
    }

    /** Dials whoever is to be dialled now. */
    void dial() {
        crowd.dial(this::dial);
        presence.setPeers(crowd.seats());
    }

    private void dial(Candidate candidate) {
        Handshake ours = session.world().handshake();
        session.surroundings()
                .network()
                .connect(loop, candidate.address(), HandshakeHandler.outgoing(ours, new HandshakeHandler.Listener() {
                    @Override
                    public void shaken(Connection connection, Handshake theirs, ByteBuf rest) {
                        crowd.connected();
                        connection.moveTo(loop, ConnectedPeer.dialled(session, theirs, candidate, rest).peer);
                    }

                    @Override
                    public void failed() {
                        crowd.notConnected(candidate);
                        presence.setPeers(crowd.seats());
                        loop.execute(
                                ConnectedPeers.this::dialOn); // not here: the next one may fail while it is dialled
                    }
                }));
    }

    private void dialOn() {
        if (session.gives()) {
            dial();
        }
    }

    /** The connection that {@code theirs} came on is to be moved to this torrent's loop, with this handler. */
    ConnectionHandler incoming(Handshake theirs, InetSocketAddress address, ByteBuf rest) {
        return ConnectedPeer.incoming(session, theirs, address, rest).peer;
    }

    /** Connects with another torrent of this engine, which has the same info-hash. */
    void meet(RunningTorrent sibling) {
        Handshake ours = session.world().handshake();
        ConnectionHandler here = HandshakeHandler.outgoing(ours, new HandshakeHandler.Listener() {
            @Override
            public void shaken(Connection connection, Handshake theirs, ByteBuf rest) {
                connection.moveTo(loop, ConnectedPeer.sibling(session, theirs, connection.remote(), false, rest).peer);
            }

            @Override
            public void failed() {
                // the other one is leaving, or does not want us: it is asked again later if it still runs
            }
        });
        DirectConnection.open(new DirectConnection.End(loop, presence.address(), here), sibling.introduction());
    }

    /** This torrent's end of a connection with another torrent of this engine. */
    ConnectionHandler introduced() {
        return HandshakeHandler.incoming(new HandshakeHandler.Listener() {
            @Override
            public void shaken(Connection connection, Handshake theirs, ByteBuf rest) {
                connection.moveTo(loop, ConnectedPeer.sibling(session, theirs, connection.remote(), true, rest).peer);
            }

            @Override
            public void failed() {
                // it has changed its mind
            }
        });
    }

    /** Its connection is here: it is let in, or closed. */
    void opened(ConnectedPeer newcomer) {
        newcomer.seated = newcomer.candidate != null || takeSeat(newcomer);
        String objection = newcomer.seated ? objection(newcomer) : "no room for it";
        if (objection != null) {
            newcomer.peer.close(objection);
            return;
        }
        List<ConnectedPeer> more = new ArrayList<>(all);
        more.add(newcomer);
        all = List.copyOf(more);
        presence.connected(newcomer.peer.handshake().peerId());
        presence.addSibling(newcomer.isSibling() ? 1 : 0);
        newcomer.connectedAt = loop.nanoTime();
        newcomer.chokeChangedAt = newcomer.connectedAt;
        newcomer.peer.introduce(session.download().served(), introduction());
        if (all.size() == 1) {
            session.wake();
        }
    }

    private boolean takeSeat(ConnectedPeer newcomer) {
        boolean taken =
                newcomer.isSibling() ? crowd.takeSiblingSeat(newcomer.address()) : crowd.takeSeat(newcomer.address());
        presence.setPeers(crowd.seats());
        return taken;
    }

    /** Why this peer is not let in; null if it is. */
    private @Nullable String objection(ConnectedPeer newcomer) {
        Handshake theirs = newcomer.peer.handshake();
        if (!session.gives()) {
            return "stopped";
        }
        if (!theirs.infoHash().equals(info.hash())) {
            return "another torrent";
        }
        if (theirs.peerId().equals(peerId)) {
            return OURSELVES;
        }
        if (session.download().isBanned(newcomer.address())) {
            return "banned";
        }
        for (ConnectedPeer other : all) {
            if (other.peer.handshake().peerId().equals(theirs.peerId())) {
                return yields(other, newcomer) ? null : TWICE;
            }
        }
        return null;
    }

    /**
     * When both sides dial at once there are two connections, and both sides must keep the same one: that which the lesser
     * peer id dialled. Else the older one stays.
     *
     * @return whether {@code older} was closed in favour of {@code newer}
     */
    private boolean yields(ConnectedPeer older, ConnectedPeer newer) {
        if (older.peer.isIncoming() == newer.peer.isIncoming()) {
            return false;
        }
        boolean weDial = Arrays.compareUnsigned(
                        peerId.bytes(), newer.peer.handshake().peerId().bytes())
                < 0;
        if (newer.peer.isIncoming() == weDial) {
            return false;
        }
        older.peer.close(TWICE);
        return true;
    }

    private ExtendedHandshake introduction() {
        boolean tells = !info.isPrivate();
        return new ExtendedHandshake(
                tells ? Peer.METADATA_ID : 0,
                tells ? info.size() : 0,
                session.port(),
                EngineLimits.REQUESTS_KEPT,
                TorrentSession.CLIENT,
                session.isDone());
    }

    // ---- They go

    /** To be called now and then. Lets go those who want nothing of us, nor we of them. */
    void tick(long now) {
        presence.setPeers(crowd.seats());
        for (ConnectedPeer member : all) {
            member.peer.tick(now);
            if (session.gives() && isIdle(member)) {
                member.peer.close("neither of us wants anything");
            }
        }
    }

    private boolean isIdle(ConnectedPeer member) {
        return session.isDone() && (member.isSeed() || member.uploadOnly);
    }

    void closeAll(String reason) {
        session.giving().chokeAll();
        for (ConnectedPeer member : all) {
            member.peer.close(reason);
        }
    }

    void banned(InetAddress address) {
        for (ConnectedPeer member : all) {
            if (member.address().equals(address)) {
                member.peer.close("banned");
            }
        }
    }

    void left(ConnectedPeer member, String reason) {
        LOG.debug("{}: {} left: {}", info.hash(), member.peer.address(), reason);
        if (!member.seated) {
            return;
        }
        boolean idle = isIdle(member); // before the download forgets what it has
        if (all.contains(member)) {
            List<ConnectedPeer> fewer = new ArrayList<>(all);
            fewer.remove(member);
            all = List.copyOf(fewer);
            presence.disconnected(member.peer.handshake().peerId());
            presence.addSibling(member.isSibling() ? -1 : 0);
            session.download().left(member);
            session.giving().left(member);
        }
        if (member.isSibling()) {
            crowd.leaveSiblingSeat();
            return;
        }
        crowd.left(member.address(), member.candidate, again(reason, idle));
        presence.setPeers(crowd.seats());
        if (session.gives() && idle && member.listening != null) {
            crowd.letGo(member.listening);
        }
    }

    private ConnectionSlots.Redial again(String reason, boolean idle) {
        if (!session.gives() || idle || reason.equals(OURSELVES)) {
            return ConnectionSlots.Redial.NEVER;
        }
        return reason.equals(TWICE) ? ConnectionSlots.Redial.RARELY : ConnectionSlots.Redial.SOON;
    }
}
