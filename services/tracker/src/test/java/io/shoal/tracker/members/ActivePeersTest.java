package io.shoal.tracker.members;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.PeerState;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A roster beside a plain list of the same peers, while they come, change and go. */
class ActivePeersTest {
    private static final SwarmKey TORRENT = new SwarmKey(1, 2, 3);
    private static final int STEPS = 20_000;

    private final SplittableRandom random = new SplittableRandom(11);
    private final ActivePeers roster = new ActivePeers();
    private final List<MemberPeer> all = new ArrayList<>();
    private final Reply reply = new Reply();
    private int number;
    private long now = 1_000_000;

    @Test
    void itKnowsWhatAPlainListKnows() {
        for (int step = 0; step < STEPS; step++) {
            now++;
            switch (all.isEmpty() ? 0 : random.nextInt(all.size() > 40 ? 5 : 4)) {
                case 0 -> enter();
                case 1, 2 -> renew(all.get(random.nextInt(all.size())));
                case 3 -> age(all.get(random.nextInt(all.size())));
                default -> roster.leave(all.remove(random.nextInt(all.size())));
            }
            assertThat(roster.count(5)).as("step %d", step).isEqualTo(counted());
            check(step);
        }
    }

    private void enter() {
        MemberPeer peer = new MemberPeer(new PeerKey(0, 0, ++number), announce(10), 0);
        all.add(peer);
        roster.enter(peer);
    }

    private void renew(MemberPeer peer) {
        roster.leave(peer);
        peer.renew(announce(10), 0, now);
        roster.enter(peer);
    }

    private void age(MemberPeer peer) {
        roster.leave(peer);
        peer.age(now, random.nextInt(100));
        roster.enter(peer);
    }

    private Announce announce(int wanted) {
        Address address = random.nextBoolean()
                ? Address.ofV4(10 << 24 | random.nextInt(1 << 24))
                : new Address(0x20010db800000000L, random.nextLong());
        Event event = switch (random.nextInt(6)) {
            case 0 -> Event.STOPPED;
            case 1 -> Event.PAUSED;
            default -> Event.NONE;
        };
        long left = random.nextInt(3);
        return new Announce(TORRENT, address, 6881, 0, 0, 0, left, event, wanted, random.nextBoolean(), now);
    }

    private Scrape counted() {
        int active = in(PeerState.ACTIVE);
        return new Scrape(in(PeerState.SEED), 5, active + in(PeerState.PAUSED), active);
    }

    private int in(PeerState state) {
        return Math.toIntExact(
                all.stream().filter(peer -> peer.state() == state).count());
    }

    /** Somebody asks for more than there are, or for some. */
    private void check(int step) {
        MemberPeer asker = all.isEmpty() || random.nextInt(4) == 0 ? null : all.get(random.nextInt(all.size()));
        Announce asks = announce(random.nextBoolean() ? 200 : random.nextInt(8));
        boolean wantsNothing = asks.left() == 0 || asks.event() == Event.PAUSED;
        reply.clear();
        roster.give(asker, asks, random, reply);
        int given = 0;
        for (boolean isV4 : List.of(true, false)) {
            Set<PeerKey> useful = all.stream()
                    .filter(peer -> peer != asker && peer.location(isV4) != null)
                    .filter(peer -> wantsNothing ? peer.wants() : peer.state() != PeerState.STOPPED)
                    .map(peer -> peer.id)
                    .collect(Collectors.toSet());
            int count = isV4 ? reply.v4Length() / Reply.V4_BYTES : reply.v6Length() / Reply.V6_BYTES;
            Set<PeerKey> chosen = new HashSet<>();
            for (int i = 0; i < count; i++) {
                chosen.add(isV4 ? reply.v4Peer(i) : reply.v6Peer(i));
            }
            assertThat(chosen).as("step %d", step).hasSize(count).isSubsetOf(useful);
            if (asks.wanted() == 200 && (asks.bothFamilies() || asks.address().isV4() == isV4)) {
                assertThat(chosen).as("step %d", step).isEqualTo(useful);
            }
            given += count;
        }
        assertThat(given).isLessThanOrEqualTo(asks.wanted());
    }
}
