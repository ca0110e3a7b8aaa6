package io.shoal.tracker.members;

import io.shoal.tracker.accounting.Counting;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.PeerState;
import org.jspecify.annotations.Nullable;

/** One client of one member in one private swarm: it is where it announced from last, in each address family. */
final class MemberPeer {
    /** It is in no list. */
    static final int NOWHERE = -1;

    final PeerKey id;
    private final Counting counting;
    private @Nullable Location v4;
    private @Nullable Location v6;
    private PeerState state;
    private boolean leeched;
    private boolean completed;
    private int replica;
    private int placeInV4 = NOWHERE;
    private int placeInV6 = NOWHERE;

    /** When this replica heard its last announce by its own clock; long ago if another replica told of it since. */
    private long heard = Long.MIN_VALUE;

    /** One that announces for the first time, to the replica of this number. */
    MemberPeer(PeerKey id, Announce announce, int replica) {
        this.id = id;
        this.counting = new Counting(report(announce));
        this.state = state(announce);
        this.replica = replica;
        this.heard = announce.at();
        move(announce);
    }

    /** A peer that another replica sent. */
    MemberPeer(MemberChange change) {
        id = change.peer();
        counting = new Counting(change.stand());
        v4 = change.v4();
        v6 = change.v6();
        state = change.state();
        leeched = change.leeched();
        completed = change.completed();
        replica = change.replica();
    }

    private static Counting.Report report(Announce announce) {
        return new Counting.Report(
                announce.uploaded(), announce.downloaded(), announce.event(), announce.left() == 0, announce.at());
    }

    private static PeerState state(Announce announce) {
        if (announce.event() == Event.STOPPED) {
            return PeerState.STOPPED;
        }
        if (announce.left() == 0) {
            return PeerState.SEED;
        }
        return announce.event() == Event.PAUSED ? PeerState.PAUSED : PeerState.ACTIVE;
    }

    private void move(Announce announce) {
        leeched |= announce.left() > 0;
        if (state != PeerState.STOPPED) {
            Location here = new Location(announce.address(), announce.port(), announce.at());
            if (announce.address().isV4()) {
                v4 = here;
            } else {
                v6 = here;
            }
        }
    }

    /**
     * {@code announce}, which this replica hears, after what is known, even if the clock of the replica that told it was ahead. Only
     * what two threads of this process bring the wrong way round stays before.
     */
    Announce later(Announce announce, int here) {
        long known = counting.at();
        boolean isOvertaken = announce.at() < heard;
        boolean isLater = announce.at() > known || announce.at() == known && replica == here;
        return isOvertaken || isLater ? announce : announce.at(known + 1);
    }

    /** Returns whether {@code announce} is not older than what is known and differs from it. */
    boolean isNews(Announce announce) {
        return announce.at() >= counting.at() && !counting.isRepeat(report(announce));
    }

    /** Whether {@code change} is later than what is known; of two at once that of the higher replica is. */
    boolean isNews(MemberChange change) {
        return change.at() > counting.at() || change.at() == counting.at() && change.replica() > replica;
    }

    /**
     * Applies {@code announce}, which is newer and was received here at {@code heardAt} by our own clock; returns whether the leech
     * has become a seed now, for the first time.
     */
    boolean renew(Announce announce, int here, long heardAt) {
        heard = heardAt;
        counting.count(report(announce));
        state = state(announce);
        replica = here;
        boolean completes = state == PeerState.SEED && announce.event() == Event.COMPLETED && leeched && !completed;
        completed |= completes;
        move(announce);
        return completes;
    }

    /** Whether it has an address from which it did not announce for {@code lifetime} milliseconds. */
    boolean isOutdated(long now, int lifetime) {
        return isOutdated(v4, now, lifetime) || isOutdated(v6, now, lifetime);
    }

    private static boolean isOutdated(@Nullable Location location, long now, int lifetime) {
        return location != null && now - location.at() > lifetime;
    }

    /** Forgets such addresses. */
    void age(long now, int lifetime) {
        v4 = isOutdated(v4, now, lifetime) ? null : v4;
        v6 = isOutdated(v6, now, lifetime) ? null : v6;
    }

    boolean isSilentFor(long millis, long now) {
        return now - counting.at() > millis;
    }

    /** Whether it shares an address and port with {@code other}, another peer of its user. */
    boolean isWhere(MemberPeer other) {
        return !other.id.equals(id)
                && (v4 != null && other.v4 != null && v4.isSameAs(other.v4)
                        || v6 != null && other.v6 != null && v6.isSameAs(other.v6));
    }

    boolean isAt(Address address, int port) {
        Location here = location(address.isV4());
        return here != null && here.isSameAs(new Location(address, port, 0));
    }

    /** Where it is under IPv4 or IPv6; null if nowhere. */
    @Nullable
    Location location(boolean isV4) {
        return isV4 ? v4 : v6;
    }

    /** Where it stands in the list of a family. */
    int place(boolean isV4) {
        return isV4 ? placeInV4 : placeInV6;
    }

    void place(boolean isV4, int place) {
        if (isV4) {
            placeInV4 = place;
        } else {
            placeInV6 = place;
        }
    }

    /** Whether others can give it something. */
    boolean wants() {
        return state == PeerState.ACTIVE;
    }

    PeerState state() {
        return state;
    }

    boolean leeched() {
        return leeched;
    }

    boolean completed() {
        return completed;
    }

    int replica() {
        return replica;
    }

    Counting counting() {
        return counting;
    }
}
