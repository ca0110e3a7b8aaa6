package io.shoal.engine.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.bittorrent.wire.PexMessage.Contact;
import io.shoal.bittorrent.wire.PexMessage.Flag;
import io.shoal.engine.exchange.PexOut.Partner;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PexOutTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long LONG = Duration.ofMinutes(2).toNanos();

    private final PexOut out = new PexOut(new SplittableRandom(7));
    private long now = -3;

    private static InetSocketAddress address(int host) {
        return new InetSocketAddress(InetAddress.ofLiteral("8.8." + host / 256 + "." + host % 256), 6881);
    }

    private Partner join(int host) {
        Partner partner = out.join(address(host).getAddress(), Set::of);
        out.locate(partner, address(host));
        return partner;
    }

    private @Nullable PexMessage next(Partner receiver) {
        now += LONG;
        return out.next(receiver, now);
    }

    private static List<InetSocketAddress> added(@Nullable PexMessage message) {
        return Objects.requireNonNull(message).added().stream()
                .map(Contact::address)
                .toList();
    }

    @Test
    void aPeerIsToldOfTheOthersAndThenOfTheDifference() {
        Partner one = join(1);
        assertThat(next(one)).as("it is not told of itself").isNull();
        Partner two = join(2);
        Partner three = join(3);
        assertThat(added(next(one))).containsExactly(address(2), address(3));
        assertThat(added(next(two))).containsExactlyInAnyOrder(address(1), address(3));
        assertThat(next(one)).as("nothing has changed").isNull();

        join(4);
        out.leave(two);
        assertThat(next(one))
                .isEqualTo(new PexMessage(List.of(new Contact(address(4), Set.of())), List.of(address(2))));
        assertThat(next(one)).isNull();
        assertThat(next(three))
                .as("it was never told of the one that has left")
                .satisfies(message -> assertThat(added(message)).containsExactlyInAnyOrder(address(1), address(4)))
                .satisfies(message ->
                        assertThat(Objects.requireNonNull(message).dropped()).isEmpty());
    }

    @Test
    void aMessageIsDueAMinuteAfterTheLastAtTheEarliest() {
        Partner one = join(1);
        join(2);
        assertThat(out.next(one, now)).as("the first at once").isNotNull();
        Set<Integer> waits = new HashSet<>();
        for (int host = 3; host < 20; host++) {
            join(host);
            int waited = 0;
            do {
                now += SECOND;
                waited++;
            } while (out.next(one, now) == null);
            assertThat(waited).isBetween(60, 75);
            waits.add(waited);
        }
        assertThat(waits).as("not in step").hasSizeGreaterThan(3);
    }

    @Test
    void noMessageHasMoreThanFiftyContactsAndAllAreTold() {
        List<Partner> early = new ArrayList<>();
        for (int host = 1; host <= 120; host++) {
            early.add(join(host));
        }
        Set<Set<InetSocketAddress>> firsts = new HashSet<>();
        for (int host = 201; host <= 210; host++) {
            Partner late = join(host);
            Set<InetSocketAddress> told = new HashSet<>();
            for (PexMessage message = next(late); message != null; message = next(late)) {
                assertThat(message.added()).hasSizeLessThanOrEqualTo(50);
                assertThat(message.dropped()).isEmpty();
                if (told.isEmpty()) {
                    firsts.add(Set.copyOf(added(message)));
                }
                for (InetSocketAddress each : added(message)) {
                    assertThat(told.add(each)).as("%s is told once", each).isTrue();
                }
            }
            assertThat(told).hasSize(119 + host - 200).doesNotContain(address(host));
        }
        assertThat(firsts).as("they begin with different parts of the swarm").hasSizeGreaterThan(5);

        Partner receiver = early.getFirst();
        for (PexMessage message = next(receiver); message != null; message = next(receiver)) {
            assertThat(message.added()).isNotEmpty();
        }
        early.subList(1, 120).forEach(out::leave);
        Set<InetSocketAddress> dropped = new HashSet<>();
        for (PexMessage message = next(receiver); message != null; message = next(receiver)) {
            assertThat(message.dropped()).hasSizeBetween(1, 50);
            assertThat(message.added()).isEmpty();
            dropped.addAll(message.dropped());
        }
        assertThat(dropped).hasSize(119);
    }

    @Test
    void onlyPeersWhoseListenAddressIsKnownAreNamed() {
        Partner one = join(1);
        Partner silent = out.join(address(2).getAddress(), Set::of);
        out.locate(silent, null);
        assertThat(next(one)).isNull();
        assertThat(added(next(silent))).containsExactly(address(1));

        out.locate(silent, address(2));
        assertThat(added(next(one))).containsExactly(address(2));
        out.locate(silent, address(22));
        assertThat(next(one))
                .as("it listens elsewhere now")
                .isEqualTo(new PexMessage(List.of(new Contact(address(22), Set.of())), List.of(address(2))));
    }

    @Test
    void aPeerThatIsBackIsNotToldAsGone() {
        Partner one = join(1);
        Partner two = join(2);
        assertThat(added(next(one))).containsExactly(address(2));
        out.leave(two);
        join(2);
        assertThat(Objects.requireNonNull(next(one)).dropped()).isEmpty();
    }

    @Test
    void ofTwoPeersWithOneAddressTheFirstIsNamed() {
        Partner one = join(1);
        Partner two = join(2);
        Partner liar = out.join(address(2).getAddress(), () -> Set.of(Flag.SEED));
        out.locate(liar, address(2));
        assertThat(Objects.requireNonNull(next(one)).added()).containsExactly(new Contact(address(2), Set.of()));
        out.leave(liar);
        assertThat(next(one)).isNull();
        out.leave(two);
        assertThat(Objects.requireNonNull(next(one)).dropped()).containsExactly(address(2));
    }

    @Test
    void localAddressesAreToldToLocalPeersOnly() {
        InetSocketAddress inside = new InetSocketAddress(InetAddress.ofLiteral("10.1.2.3"), 6881);
        InetSocketAddress discard = new InetSocketAddress(InetAddress.ofLiteral("100::7"), 6881);
        Partner global = join(1);
        Partner local = out.join(InetAddress.ofLiteral("192.168.0.9"), Set::of);
        Partner first = out.join(inside.getAddress(), Set::of);
        Partner second = out.join(discard.getAddress(), Set::of);
        out.locate(first, inside);
        out.locate(second, discard);
        join(2);
        assertThat(added(next(global))).containsExactly(address(2));
        assertThat(added(next(local))).contains(inside, address(1), address(2));

        out.leave(first);
        assertThat(next(global)).as("its end would tell its address as well").isNull();
        assertThat(Objects.requireNonNull(next(local)).dropped()).containsExactly(inside);
    }

    @Test
    void theFlagsAreThoseOfTheMomentWhenItIsTold() {
        Partner one = join(1);
        Set<Flag> flags = new HashSet<>();
        Partner two = out.join(address(2).getAddress(), () -> flags);
        out.locate(two, address(2));
        flags.add(Flag.SEED);
        assertThat(Objects.requireNonNull(next(one)).added())
                .containsExactly(new Contact(address(2), Set.of(Flag.SEED)));
    }

    @Test
    void whateverHappensAReceiverKnowsThoseThatAreConnected() {
        for (int seed = 0; seed < 200; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            PexOut exchange = new PexOut(random);
            Partner receiver = exchange.join(address(0).getAddress(), Set::of);
            List<Partner> connected = new ArrayList<>();
            List<InetSocketAddress> addresses = new ArrayList<>();
            Set<InetSocketAddress> told = new HashSet<>();
            int hosts = 1;
            for (int step = 0; step < 60; step++) {
                for (int joins = random.nextInt(8); joins > 0; joins--) {
                    Partner partner = exchange.join(address(hosts).getAddress(), Set::of);
                    exchange.locate(partner, address(hosts));
                    connected.add(partner);
                    addresses.add(address(hosts++));
                }
                for (int leaves = random.nextInt(1 + connected.size() / 3); leaves > 0; leaves--) {
                    int index = random.nextInt(connected.size());
                    exchange.leave(connected.remove(index));
                    addresses.remove(index);
                }
                now += LONG;
                apply(exchange.next(receiver, now), told);
            }
            for (int step = 0; step < 10; step++) {
                now += LONG;
                apply(exchange.next(receiver, now), told);
            }
            assertThat(told).as("seed %d", seed).hasSameElementsAs(addresses);
        }
    }

    private static void apply(@Nullable PexMessage message, Set<InetSocketAddress> told) {
        if (message != null) {
            assertThat(message.added().size()).isLessThanOrEqualTo(ExchangeLimits.CONTACTS_SENT);
            assertThat(message.dropped().size()).isLessThanOrEqualTo(ExchangeLimits.CONTACTS_SENT);
            message.dropped().forEach(told::remove);
            told.addAll(added(message));
        }
    }
}
