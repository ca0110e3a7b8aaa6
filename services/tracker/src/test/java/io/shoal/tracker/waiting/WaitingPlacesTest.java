package io.shoal.tracker.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.PasskeyHash;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.waiting.WaitingPlaces.Outcome;
import io.shoal.tracker.waiting.WaitingPlaces.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaitingPlacesTest {
    private static final PasskeyHash PASSKEY = PasskeyHash.of("a passkey");

    private final AtomicLong clock = new AtomicLong(1_000);
    private final WaitingPlaces places = new WaitingPlaces(WaitingLimits.usual(Duration.ofSeconds(3)), clock::get);
    private final AtomicInteger woken = new AtomicInteger();

    private static SwarmKey torrent(int number) {
        return new SwarmKey(number, 2, 3);
    }

    private @Nullable Place take(int torrent, Address source) {
        return places.take(torrent(torrent), null, source, woken::incrementAndGet);
    }

    private Place taken(int torrent, @Nullable PasskeyHash passkey) {
        return Objects.requireNonNull(
                places.take(torrent(torrent), passkey, Address.ofV4(torrent), woken::incrementAndGet));
    }

    @Test
    void atMost4096WaitInAll() {
        List<Place> all = new ArrayList<>();
        for (int i = 0; i < 4_096; i++) {
            all.add(Objects.requireNonNull(take(i, Address.ofV4(i)), "place " + i));
        }
        assertThat(take(5_000, Address.ofV4(5_000))).isNull();
        assertThat(places.size()).isEqualTo(4_096);
        assertThat(places.withoutRoom()).isEqualTo(1);

        all.getFirst().leave(Outcome.TIMED_OUT);
        assertThat(take(5_000, Address.ofV4(5_000))).isNotNull();
    }

    @Test
    void atMost8OfOneAddressWaitAndAnIpv6NetworkOf64BitsIsOneAddress() {
        for (int i = 0; i < 8; i++) {
            assertThat(take(i, Address.ofV4(1))).isNotNull();
            assertThat(take(i, new Address(0x20010db8_00000001L, i))).isNotNull();
        }
        assertThat(take(9, Address.ofV4(1))).isNull();
        assertThat(take(9, new Address(0x20010db8_00000001L, 99))).isNull();

        assertThat(take(9, Address.ofV4(2))).isNotNull();
        assertThat(take(9, new Address(0x20010db8_00000002L, 99))).isNotNull();
    }

    @Test
    void atMost64OfOneInfoHashWait() {
        List<Place> all = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            all.add(Objects.requireNonNull(take(1, Address.ofV4(i))));
        }
        assertThat(take(1, Address.ofV4(100))).isNull();
        assertThat(take(2, Address.ofV4(100))).isNotNull();

        all.forEach(place -> place.leave(Outcome.SERVED));
        assertThat(take(1, Address.ofV4(100))).isNotNull();
    }

    @Test
    void aPlaceIsGivenBackOnceAndItsEndIsCounted() {
        Place place = taken(1, PASSKEY);
        taken(2, PASSKEY);
        place.leave(Outcome.SERVED);
        place.leave(Outcome.ABANDONED);
        assertThat(places.size()).isEqualTo(1);
        assertThat(places.ended(Outcome.SERVED)).isEqualTo(1);
        assertThat(places.ended(Outcome.ABANDONED)).isZero();
    }

    @Test
    void aChangeWakesThoseThatWaitForIt() {
        taken(1, PASSKEY);
        taken(2, PASSKEY);
        taken(3, null);

        places.torrentChanged(torrent(9));
        places.passkeyChanged(PasskeyHash.of("another"));
        assertThat(woken).hasValue(0);
        places.torrentChanged(torrent(3));
        assertThat(woken).hasValue(1);
        places.passkeyChanged(PASSKEY);
        assertThat(woken).hasValue(3);
    }

    @Test
    void aPlaceIsOverAfterItsTime() {
        Place place = taken(1, null);
        clock.addAndGet(2_999);
        assertThat(place.isOver()).isFalse();
        clock.addAndGet(1);
        assertThat(place.isOver()).isTrue();
        clock.addAndGet(5);
        assertThat(place.overdue()).isEqualTo(5);
    }

    @Test
    void afterTheCloseAllAreOverAndNoneIsTaken() {
        Place place = taken(1, null);
        places.close();
        assertThat(woken).hasValue(1);
        assertThat(place.isOver()).isTrue();
        assertThat(take(2, Address.ofV4(2))).isNull();
    }

    /** The order that the rule of the class needs: registration then wake, place then look. */
    @Test
    void aRegistrationAtTheSameMomentIsSeenOrWakes() throws Exception {
        for (int round = 0; round < 5_000; round++) {
            AtomicBoolean registered = new AtomicBoolean();
            AtomicBoolean wake = new AtomicBoolean();
            CyclicBarrier both = new CyclicBarrier(2);
            CompletableFuture<Void> registering = CompletableFuture.runAsync(() -> {
                meet(both);
                registered.set(true);
                places.torrentChanged(torrent(1));
            });
            meet(both);
            Place place = Objects.requireNonNull(places.take(torrent(1), null, Address.ofV4(1), () -> wake.set(true)));
            boolean seen = registered.get();
            registering.join();
            assertThat(seen || wake.get()).isTrue();
            place.leave(Outcome.SERVED);
        }
    }

    private static void meet(CyclicBarrier both) {
        try {
            both.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
