package io.shoal.tracker.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.networks.Address;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packed memory against maps of objects, through growth, shrinking, expiry and re-use. */
class SwarmsAgainstAPlainModelTest {
    private static final int LIFETIME = 10_000;
    private static final int STOPPED = 3_000;
    private static final List<Event> EVENTS = List.of(Event.values());

    private record Place(Address address, int port) {}

    private static final class Peer {
        int state; // as Swarm has it
        int id;
        boolean leeched;
        boolean counted;
        long at;
    }

    private static final class Torrent {
        final Map<Place, Peer> peers = new HashMap<>();
        final int[] downloaded = new int[2];
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void bothSayTheSame(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Swarms swarms = new Swarms(new SwarmLimits(LIFETIME, STOPPED, 1 << 20), seed);
        Map<SwarmKey, Torrent> model = new HashMap<>();
        Reply reply = new Reply();
        Prefetch prefetch = swarms.prefetch();
        long now = (1L << 32) * 400 - 50_000; // the packed time wraps around under way
        int torrents = 1 + random.nextInt(300);
        int hosts = 2 + random.nextInt(3_000);
        for (int step = 0; step < 20_000; step++) {
            now += random.nextInt(3);
            if (random.nextInt(2_000) == 0) {
                now += random.nextInt(LIFETIME);
                swarms.expire(now);
                expire(model, now);
            }
            // Squared, so that some swarms are crowds and most are small.
            double skew = random.nextDouble();
            SwarmKey key = new SwarmKey((int) (skew * skew * skew * torrents), 7, 7);
            int host = random.nextInt(hosts);
            Announce announce = new Announce(
                    key,
                    random.nextBoolean() ? SwarmsTest.v4(host) : SwarmsTest.v6(host),
                    1 + random.nextInt(2),
                    random.nextInt(4) == 0 ? 1 : host,
                    0,
                    0,
                    random.nextInt(3),
                    EVENTS.get(random.nextInt(EVENTS.size())),
                    random.nextInt(80),
                    random.nextBoolean(),
                    now - random.nextInt(5));
            prefetch.add(key, announce.address(), announce.port());
            if (step % Prefetch.MOST == 0) {
                prefetch.run();
            }
            swarms.announce(announce, reply);
            Torrent torrent = model.computeIfAbsent(key, k -> new Torrent());
            take(torrent, announce);
            if (step % 16 == 0) {
                assertThat(reply.counts()).as("seed %d, step %d", seed, step).isEqualTo(scrape(torrent));
                checkPeers(torrent, announce, reply);
            }
        }
        model.forEach((key, torrent) -> assertThat(swarms.scrape(key)).isEqualTo(scrape(torrent)));
        now += 2 * LIFETIME;
        swarms.expire(now);
        assertThat(swarms.totals()).isEqualTo(SwarmTotals.NONE);
    }

    private static void take(Torrent torrent, Announce announce) {
        Place place = new Place(announce.address(), announce.port());
        Peer peer = torrent.peers.get(place);
        if (announce.event() == Event.STOPPED) {
            if (peer != null && announce.at() >= peer.at) {
                peer.state = Swarm.STOPPED;
                peer.at = announce.at();
            }
            return;
        }
        boolean isNew = peer == null;
        if (peer == null) {
            peer = new Peer();
            peer.id = announce.peer();
            torrent.peers.put(place, peer);
        } else if (announce.at() < peer.at) {
            return;
        }
        if (peer.id != announce.peer()) {
            peer.leeched = false;
            peer.counted = false;
        }
        peer.id = announce.peer();
        peer.at = announce.at();
        peer.state = announce.left() == 0 ? Swarm.SEED : announce.event() == Event.PAUSED ? Swarm.PAUSED : Swarm.ACTIVE;
        if (peer.state != Swarm.SEED) {
            peer.leeched = true;
        } else if (!isNew && announce.event() == Event.COMPLETED && peer.leeched && !peer.counted) {
            peer.counted = true;
            torrent.downloaded[announce.address().isV4() ? 0 : 1]++;
        }
    }

    private static Scrape scrape(Torrent torrent) {
        int[] counts = new int[4];
        torrent.peers.values().forEach(peer -> counts[peer.state]++);
        return new Scrape(
                counts[Swarm.SEED],
                torrent.downloaded[0] + torrent.downloaded[1],
                counts[Swarm.ACTIVE] + counts[Swarm.PAUSED],
                counts[Swarm.ACTIVE]);
    }

    private static void checkPeers(Torrent torrent, Announce announce, Reply reply) {
        List<String> given = SwarmsTest.peers(reply);
        if (announce.event() == Event.STOPPED) {
            assertThat(given).isEmpty();
            return;
        }
        boolean wantsNothing = announce.left() == 0 || announce.event() == Event.PAUSED;
        Map<String, Peer> candidates = new HashMap<>();
        torrent.peers.forEach((place, peer) -> {
            boolean self = place.equals(new Place(announce.address(), announce.port()));
            boolean family = announce.bothFamilies()
                    || place.address().isV4() == announce.address().isV4();
            boolean useful = wantsNothing ? peer.state == Swarm.ACTIVE : peer.state != Swarm.STOPPED;
            if (!self && family && useful) {
                String host = place.address().isV4() ? place.address().toString() : "[" + place.address() + "]";
                candidates.put(host + ":" + place.port(), peer);
            }
        });
        assertThat(given).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(announce.wanted());
        assertThat(candidates.keySet()).containsAll(given);
        if (!announce.bothFamilies()) {
            assertThat(given).hasSize(Math.min(announce.wanted(), candidates.size()));
        }
    }

    private static void expire(Map<SwarmKey, Torrent> model, long now) {
        for (Torrent torrent : model.values()) {
            for (boolean v4 : new boolean[] {true, false}) {
                torrent.peers.entrySet().removeIf(entry -> {
                    Peer peer = entry.getValue();
                    return now - peer.at > (peer.state == Swarm.STOPPED ? STOPPED : LIFETIME);
                });
                if (torrent.peers.keySet().stream()
                        .noneMatch(place -> place.address().isV4() == v4)) {
                    torrent.downloaded[v4 ? 0 : 1] = 0;
                }
            }
        }
    }
}
