package io.shoal.tracker.members;

import io.shoal.tracker.accounting.Counting;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import org.jspecify.annotations.Nullable;

/** One client of one member in one private swarm: it is where it announced from last, in each address family. */
final class MemberPeer {
    /** What it is to others. */
    enum State {
        LEECH,
        /** Has what it wants, not all there is (BEP 21). */
        PAUSED,
        SEED,
        STOPPED
    }

    final PeerKey id;
    private final Counting counting;
    private @Nullable Location v4;
    private @Nullable Location v6;
    private State state;
    private boolean leeched;
    private boolean completed;
    private long at;

    MemberPeer(PeerKey id, Announce announce) {
        this.id = id;
        this.counting = new Counting(report(announce));
        this.state = state(announce);
        move(announce);
    }

    static Counting.Report report(Announce announce) {
        return new Counting.Report(
                announce.uploaded(), announce.downloaded(), announce.event(), announce.left() == 0, announce.at());
    }

    private static State state(Announce announce) {
        if (announce.event() == Event.STOPPED) {
            return State.STOPPED;
        }
        if (announce.left() == 0) {
            return State.SEED;
        }
        return announce.event() == Event.PAUSED ? State.PAUSED : State.LEECH;
    }

    private void move(Announce announce) {
        at = announce.at();
        leeched |= announce.left() > 0;
        if (state != State.STOPPED) {
            Location here = new Location(announce.address(), announce.port(), at);
            if (announce.address().isV4()) {
                v4 = here;
            } else {
                v6 = here;
            }
        }
    }

    /** Whether {@code announce} tells something that is not known, and not something older. */
    boolean isNews(Announce announce) {
        return announce.at() >= at && !counting.isRepeat(report(announce));
    }

    /** Takes note of {@code announce}, which is news; whether the leech has become a seed now, and for the first time. */
    boolean renew(Announce announce) {
        counting.count(report(announce));
        state = state(announce);
        boolean completes = state == State.SEED && announce.event() == Event.COMPLETED && leeched && !completed;
        completed |= completes;
        move(announce);
        return completes;
    }

    /** Forgets addresses from which it did not announce for {@code lifetime} milliseconds. */
    void age(long now, int lifetime) {
        v4 = v4 != null && now - v4.at() > lifetime ? null : v4;
        v6 = v6 != null && now - v6.at() > lifetime ? null : v6;
    }

    boolean isSilentFor(long millis, long now) {
        return now - at > millis;
    }

    boolean isAt(Address address, int port) {
        Location here = location(address.isV4());
        return here != null && here.isSameAs(address, port);
    }

    /** Where it is under IPv4 or IPv6; null if nowhere. */
    @Nullable Location location(boolean isV4) {
        return isV4 ? v4 : v6;
    }

    State state() {
        return state;
    }

    Counting counting() {
        return counting;
    }
}
