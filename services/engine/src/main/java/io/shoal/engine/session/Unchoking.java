package io.shoal.engine.session;

import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.engine.choking.Choker;
import io.shoal.engine.choking.Choker.Choice;
import io.shoal.engine.choking.Choker.Optimistic;
import io.shoal.engine.choking.Choker.PeerView;
import io.shoal.engine.choking.Choker.Role;
import io.shoal.engine.metadata.MetadataServing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Whom a torrent gives to: holds a round of the choker now and then, and hands out the info dictionary. */
final class Unchoking {
    private final TorrentSession session;
    private final Choker choker;
    private @Nullable ConnectedPeer optimistic;
    private long optimisticSince;
    private long roundAt;
    private int unchoked;
    private byte @Nullable [] info;

    Unchoking(TorrentSession session, RandomGenerator random) {
        this.session = session;
        this.choker = new Choker(random);
        this.roundAt = session.loop().nanoTime();
    }

    /** To be called about once a second. */
    void tick(long now) {
        if (now - roundAt >= Choker.ROUND.toNanos()) {
            round(now);
        }
    }

    /**
     * One that wants is not left waiting for the next round while there are free slots. A sibling needs no slot: it is served on this
     * machine, and must not take a slot from peers that give us something for it.
     */
    void interestChanged(ConnectedPeer member) {
        if (member.isSibling()) {
            member.setChoked(
                    !member.peer.isInterested() || !session.gives(),
                    session.loop().nanoTime());
        } else if (member.peer.isInterested()
                && member.peer.isChoked()
                && unchoked < Choker.slots(session.upRate())
                && session.gives()) {
            unchoked++;
            member.setChoked(false, session.loop().nanoTime());
        }
    }

    void left(ConnectedPeer member) {
        if (!member.peer.isChoked() && !member.isSibling()) {
            unchoked--;
        }
        if (optimistic == member) {
            optimistic = null;
        }
    }

    void chokeAll() {
        for (ConnectedPeer member : session.members()) {
            member.setChoked(true, session.loop().nanoTime());
            member.peer.flush();
        }
        unchoked = 0;
        optimistic = null;
    }

    void metadata(ConnectedPeer member, MetadataMessage message) {
        if (!(message instanceof MetadataMessage.Request request) || !member.peer.takesMetadata()) {
            return; // we have all of it
        }
        long now = session.loop().nanoTime();
        if (member.metadata == null) {
            member.metadata = new MetadataServing(info(), session.info().isPrivate(), now);
        }
        member.peer.send(member.metadata.answer(request, now));
    }

    /** One copy for all peers. */
    private byte[] info() {
        byte[] bytes = info;
        if (bytes == null) {
            bytes = session.info().bytes();
            info = bytes;
        }
        return bytes;
    }

    private void round(long now) {
        roundAt = now;
        if (!session.gives()) {
            return;
        }
        List<PeerView<ConnectedPeer>> views = new ArrayList<>();
        for (ConnectedPeer member : session.members()) {
            if (member.isSibling()) {
                continue;
            }
            views.add(new PeerView<>(
                    member,
                    member.peer.isInterested(),
                    member.peer.isSnubbed(),
                    member.peer.down().perSecond(),
                    member.peer.isChoked() ? 0 : member.peer.up().total() - member.sentBefore,
                    !member.peer.isChoked(),
                    Duration.ofNanos(now - member.chokeChangedAt),
                    Duration.ofNanos(now - member.connectedAt)));
        }
        ConnectedPeer before = optimistic;
        Choice<ConnectedPeer> choice = choker.choose(
                views,
                session.isDone() ? Role.SEED : Role.LEECH,
                before == null ? null : new Optimistic<>(before, Duration.ofNanos(now - optimisticSince)),
                session.upRate());
        Set<ConnectedPeer> chosen = new HashSet<>(choice.unchoked());
        for (ConnectedPeer member : session.members()) {
            if (!member.isSibling()) {
                member.setChoked(!chosen.contains(member), now);
                member.peer.flush();
            }
        }
        unchoked = chosen.size();
        if (choice.optimistic() != before) {
            optimistic = choice.optimistic();
            optimisticSince = now;
        }
    }
}
