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
import io.shoal.engine.net.Loop;
import io.shoal.engine.peers.Handshaking;
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
 * <p>Invariant: no two have one peer id and stay, none has ours, none is banned, and each has a seat in the {@link Crowd}, which
 * it gives back when it leaves.
 */
final class Members implements Iterable<Member> {
    private static final Logger LOG = LoggerFactory.getLogger(Members.class);

    /** The reason of leaving that makes an address not worth dialling again. */
    private static final String OURSELVES = "ourselves";

    private final TorrentSession session;
    private final Loop loop;
    private final Info info;
    private final PeerId peerId;
    private final Crowd crowd;

    /** Replaced on every change, so that peers may come and go while it is gone through. */
    private List<Member> all = List.of();

    Members(TorrentSession session) {
        this.session = session;
        this.loop = session.loop();
        this.info = session.info();
        this.peerId = session.peerId();
        this.crowd = new Crowd(session.surroundings(), loop, session.download()::isBanned);
    }

    @Override
    public Iterator<Member> iterator() {
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

    /** See {@link Crowd#hasBecomeForsaken}. */
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
    }

    private void dial(Candidate candidate) {
        Handshake ours = session.world().handshake();
        session.surroundings()
                .network()
                .connect(loop, candidate.address(), Handshaking.outgoing(ours, new Handshaking.Outcome() {
                    @Override
                    public void shaken(Connection connection, Handshake theirs, ByteBuf rest) {
                        crowd.connected();
                        Member member = new Member(session, theirs, candidate.address(), candidate, rest);
                        connection.moveTo(loop, member.peer);
                    }

                    @Override
                    public void failed() {
                        crowd.notConnected(candidate);
                        loop.execute(Members.this::dialOn); // not here: the next one may fail while it is dialled
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
        return new Member(session, theirs, address, null, rest).peer;
    }

    /** Its connection is here: it is let in, or closed. */
    void opened(Member newcomer) {
        newcomer.seated = newcomer.candidate != null || crowd.takeSeat(newcomer.address());
        String objection = newcomer.seated ? objection(newcomer) : "no room for it";
        if (objection != null) {
            newcomer.peer.close(objection);
            return;
        }
        List<Member> more = new ArrayList<>(all);
        more.add(newcomer);
        all = List.copyOf(more);
        newcomer.connectedAt = loop.nanoTime();
        newcomer.chokeChangedAt = newcomer.connectedAt;
        newcomer.peer.introduce(session.download().served(), introduction());
        if (all.size() == 1) {
            session.wake();
        }
    }

    /** Why this peer is not let in; null if it is. */
    private @Nullable String objection(Member newcomer) {
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
        for (Member other : all) {
            if (other.peer.handshake().peerId().equals(theirs.peerId())) {
                return yields(other, newcomer) ? null : "connected twice";
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
    private boolean yields(Member older, Member newer) {
        if (older.peer.isIncoming() == newer.peer.isIncoming()) {
            return false;
        }
        boolean weDial = Arrays.compareUnsigned(
                        peerId.bytes(), newer.peer.handshake().peerId().bytes())
                < 0;
        if (newer.peer.isIncoming() == weDial) {
            return false;
        }
        older.peer.close("connected twice");
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
        for (Member member : all) {
            member.peer.tick(now);
            if (session.gives() && isIdle(member)) {
                member.peer.close("neither of us wants anything");
            }
        }
    }

    private boolean isIdle(Member member) {
        return session.isDone() && (member.isSeed() || member.uploadOnly);
    }

    void closeAll(String reason) {
        session.giving().chokeAll();
        for (Member member : all) {
            member.peer.close(reason);
        }
    }

    void banned(InetAddress address) {
        for (Member member : all) {
            if (member.address().equals(address)) {
                member.peer.close("banned");
            }
        }
    }

    void left(Member member, String reason) {
        LOG.debug("{}: {} left: {}", info.hash(), member.peer.address(), reason);
        if (!member.seated) {
            return;
        }
        boolean idle = isIdle(member); // before the download forgets what it has
        if (all.contains(member)) {
            List<Member> fewer = new ArrayList<>(all);
            fewer.remove(member);
            all = List.copyOf(fewer);
            session.download().left(member);
            session.giving().left(member);
        }
        boolean again = session.gives() && !idle && !reason.equals(OURSELVES);
        crowd.left(member.address(), member.candidate, again);
        if (session.gives() && idle && member.listening != null) {
            crowd.letGo(member.listening);
        }
    }
}
