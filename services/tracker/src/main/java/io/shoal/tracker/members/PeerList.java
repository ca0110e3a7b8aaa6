package io.shoal.tracker.members;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The peers of a private swarm that can be reached under one address family, in no order but that those who want something
 * stand before those who do not. Each peer knows its place here, so that nothing costs more with a larger swarm. A peer's state
 * and address do not change while it is in. One thread at a time.
 */
final class PeerList {
    private final boolean isV4;
    private final List<MemberPeer> peers = new ArrayList<>();
    private int wanting;

    PeerList(boolean isV4) {
        this.isV4 = isV4;
    }

    void add(MemberPeer peer) {
        peer.place(isV4, peers.size());
        peers.add(peer);
        if (peer.wants()) {
            swap(peer.place(isV4), wanting++);
        }
    }

    void remove(MemberPeer peer) {
        if (peer.place(isV4) < wanting) {
            swap(peer.place(isV4), --wanting);
        }
        swap(peer.place(isV4), peers.size() - 1);
        peers.removeLast();
        peer.place(isV4, MemberPeer.NOWHERE);
    }

    private void swap(int one, int other) {
        Collections.swap(peers, one, other);
        peers.get(one).place(isV4, one);
        peers.get(other).place(isV4, other);
    }

    /**
     * How many there are to choose from.
     *
     * @param onlyWanting whether those who want nothing are of no use
     * @param asker is never chosen; null if it is unknown
     */
    int size(boolean onlyWanting, @Nullable MemberPeer asker) {
        boolean isIn = asker != null && asker.place(isV4) != MemberPeer.NOWHERE && (!onlyWanting || asker.wants());
        return (onlyWanting ? wanting : peers.size()) - (isIn ? 1 : 0);
    }

    /** {@code count} of those whom {@link #size} counts, each with the same chance. */
    List<MemberPeer> choose(int count, boolean onlyWanting, @Nullable MemberPeer asker, RandomGenerator random) {
        List<MemberPeer> chosen = new ArrayList<>(count);
        // Two shufflings at once, that of the front and that of the rest, each begun where the chosen end.
        int front = 0;
        int rest = wanting;
        int end = onlyWanting ? wanting : peers.size();
        while (chosen.size() < count) {
            int drawn = random.nextInt(wanting - front + end - rest);
            int place;
            if (drawn < wanting - front) {
                swap(front, front + drawn);
                place = front++;
            } else {
                swap(rest, rest + drawn - (wanting - front));
                place = rest++;
            }
            if (peers.get(place) != asker) {
                chosen.add(peers.get(place));
            }
        }
        return chosen;
    }
}
