package io.shoal.tracker.members;

import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerState;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The peers of a private swarm by state and family. A peer is removed before it changes and entered
 * again afterwards; one that has stopped is counted but never given to others. One thread at a time.
 */
final class ActivePeers {
    private final PeerList v4 = new PeerList(true);
    private final PeerList v6 = new PeerList(false);
    private final int[] counts = new int[PeerState.values().length];

    void enter(MemberPeer peer) {
        counts[peer.state().code()]++;
        if (peer.state() != PeerState.STOPPED) {
            if (peer.location(true) != null) {
                v4.add(peer);
            }
            if (peer.location(false) != null) {
                v6.add(peer);
            }
        }
    }

    void leave(MemberPeer peer) {
        counts[peer.state().code()]--;
        if (peer.place(true) != MemberPeer.NOWHERE) {
            v4.remove(peer);
        }
        if (peer.place(false) != MemberPeer.NOWHERE) {
            v6.remove(peer);
        }
    }

    Scrape count(int downloaded) {
        int active = counts[PeerState.ACTIVE.code()];
        return new Scrape(counts[PeerState.SEED.code()], downloaded, active + counts[PeerState.PAUSED.code()], active);
    }

    /** The families share the reply as they do in public swarms. */
    void give(@Nullable MemberPeer asker, Announce announce, RandomGenerator random, Reply reply) {
        // To one that wants nothing, only those who do are of use.
        boolean onlyWanting = announce.left() == 0 || announce.event() == Event.PAUSED;
        boolean isV4 = announce.address().isV4();
        int ofOwn = (isV4 ? v4 : v6).size(onlyWanting, asker);
        int ofOther = announce.bothFamilies() ? (isV4 ? v6 : v4).size(onlyWanting, asker) : 0;
        int wanted = Math.min(announce.wanted(), Reply.PEERS);
        int toOther = Math.min(ofOther, Math.max(wanted - ofOwn, wanted / 4));
        int toOwn = Math.min(ofOwn, wanted - toOther);
        give(true, isV4 ? toOwn : toOther, onlyWanting, asker, random, reply);
        give(false, isV4 ? toOther : toOwn, onlyWanting, asker, random, reply);
    }

    private void give(
            boolean isV4,
            int count,
            boolean onlyWanting,
            @Nullable MemberPeer asker,
            RandomGenerator random,
            Reply reply) {
        for (MemberPeer peer : (isV4 ? v4 : v6).choose(count, onlyWanting, asker, random)) {
            Location location = peer.location(isV4);
            if (location != null) {
                reply.add(location.address(), location.port(), peer.id);
            }
        }
    }
}
