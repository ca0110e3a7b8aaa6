package io.shoal.tracker.members;

import io.shoal.tracker.admission.Member;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.PeerState;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.swarms.SwarmLimits;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One tenant's swarm of one private torrent: its peers, by user. One thread at a time. */
final class PrivateSwarm {
    /** A user's stopped peers are remembered for a while, but never more of them than this for each location of the user. */
    private static final int REMEMBERED = 2;

    private final SwarmLimits swarmLimits;
    private final PeerQuota quota;
    private final UUID tenant;
    private final int replica;
    private final Map<UUID, Map<PeerKey, MemberPeer>> users = new HashMap<>();
    private final ActivePeers active = new ActivePeers();
    private int downloaded;

    /**
     * @param quota for the peers of all swarms together
     * @param tenant whose swarm it is
     * @param replica number of this one
     */
    PrivateSwarm(SwarmLimits swarmLimits, PeerQuota quota, UUID tenant, int replica) {
        this.swarmLimits = swarmLimits;
        this.quota = quota;
        this.tenant = tenant;
        this.replica = replica;
    }

    /** The asker's peer after its announce. */
    record Answer(AnnounceOutcome outcome, @Nullable MemberPeer changed) {}

    Answer announce(Member member, PeerKey id, Announce announce, RandomGenerator random, Reply reply) {
        Map<PeerKey, MemberPeer> own = users.computeIfAbsent(member.user(), user -> new HashMap<>());
        Answer answer = admit(member, own, id, announce);
        if (own.isEmpty()) {
            users.remove(member.user());
        }
        if (answer.outcome != AnnounceOutcome.TOO_MANY_LOCATIONS) {
            reply.count(scrape());
            if (announce.event() != Event.STOPPED) {
                active.give(own.get(id), announce, random, reply);
            }
        }
        return answer;
    }

    private Answer admit(Member member, Map<PeerKey, MemberPeer> own, PeerKey id, Announce heard) {
        forget(own.values(), heard.at());
        MemberPeer peer = own.get(id);
        Announce announce = peer == null ? heard : peer.later(heard, replica);
        boolean stops = announce.event() == Event.STOPPED;
        if (peer == null && stops || peer != null && !peer.isNews(announce)) {
            return new Answer(AnnounceOutcome.ANSWERED, null);
        }
        if (!stops) {
            // A client that was started again is where its predecessor was, under another peer id.
            remove(own.values(), other -> !other.id.equals(id) && other.isAt(announce.address(), announce.port()));
            if (isOneTooMany(member, own.values(), id)) {
                return new Answer(AnnounceOutcome.TOO_MANY_LOCATIONS, null);
            }
        }
        if (peer != null) {
            active.leave(peer);
            downloaded += peer.renew(announce, replica, heard.at()) && downloaded < Integer.MAX_VALUE ? 1 : 0;
            active.enter(peer);
            return new Answer(AnnounceOutcome.ANSWERED, peer);
        }
        makeRoomFor(member, own.values());
        if (!quota.take(tenant)) {
            return new Answer(AnnounceOutcome.NOT_REMEMBERED, null);
        }
        MemberPeer entered = new MemberPeer(id, announce, replica);
        own.put(id, entered);
        active.enter(entered);
        return new Answer(AnnounceOutcome.ANSWERED, entered);
    }

    /** Applies a change that another replica sent; returns false if it was not newer or the quota was used up. */
    boolean apply(MemberChange change) {
        downloaded = Math.max(downloaded, change.downloaded());
        Map<PeerKey, MemberPeer> own = users.getOrDefault(change.user(), Map.of());
        MemberPeer known = own.get(change.peer());
        MemberPeer told = new MemberPeer(change);
        boolean isReplaced = own.values().stream().anyMatch(other -> other.isWhere(told) && !other.isNews(change));
        if (isReplaced || (known == null ? !quota.take(tenant) : !known.isNews(change))) {
            return false;
        }
        Map<PeerKey, MemberPeer> kept = users.computeIfAbsent(change.user(), user -> new HashMap<>());
        if (known != null) {
            active.leave(known);
        }
        kept.put(told.id, told);
        active.enter(told);
        if (told.state() != PeerState.STOPPED) {
            remove(kept.values(), told::isWhere);
        }
        return true;
    }

    /** Returns the change that the other replicas need of {@code peer}, which announced here. */
    MemberChange change(Member member, SwarmKey torrent, MemberPeer peer) {
        return new MemberChange(
                member.tenant(),
                member.user(),
                torrent,
                peer.id,
                peer.state(),
                peer.leeched(),
                peer.completed(),
                downloaded,
                peer.location(true),
                peer.location(false),
                peer.counting().stand(),
                replica);
    }

    private static boolean isOneTooMany(Member member, Collection<MemberPeer> own, PeerKey id) {
        return own.stream()
                        .filter(peer -> peer.state() != PeerState.STOPPED && !peer.id.equals(id))
                        .count()
                >= member.locations();
    }

    /** A client that starts and stops all the time must not fill the memory. */
    private void makeRoomFor(Member member, Collection<MemberPeer> own) {
        if (own.size() >= REMEMBERED * member.locations()) {
            remove(own, peer -> peer.state() == PeerState.STOPPED);
        }
    }

    /** Removes peers that have not announced for too long. */
    void expire(long now) {
        users.values().removeIf(own -> {
            forget(own.values(), now);
            return own.isEmpty();
        });
    }

    private void forget(Collection<MemberPeer> own, long now) {
        remove(
                own,
                peer -> peer.isSilentFor(
                        peer.state() == PeerState.STOPPED ? swarmLimits.memoryOfStopped() : swarmLimits.lifetime(),
                        now));
        for (MemberPeer peer : own) {
            if (peer.isOutdated(now, swarmLimits.lifetime())) {
                active.leave(peer);
                peer.age(now, swarmLimits.lifetime());
                active.enter(peer);
            }
        }
    }

    private void remove(Collection<MemberPeer> own, Predicate<MemberPeer> gone) {
        for (Iterator<MemberPeer> peers = own.iterator(); peers.hasNext(); ) {
            MemberPeer peer = peers.next();
            if (gone.test(peer)) {
                peers.remove();
                active.leave(peer);
                quota.giveBack(tenant);
            }
        }
    }

    boolean isEmpty() {
        return users.isEmpty();
    }

    Scrape scrape() {
        return active.count(downloaded);
    }
}
