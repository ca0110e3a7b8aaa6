package io.shoal.engine.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.net.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeatsTest {
    private final ManualLoop loop = new ManualLoop();
    private final Seats seats = new Seats(100);

    /** A torrent that gives up a connection as soon as it is told. */
    private final class Torrent {
        final Seats.Share share;
        int used;

        Torrent(String owner) {
            share = seats.join(owner, loop, this::giveUp);
        }

        private void giveUp() {
            while (share.owed() > 0) {
                release();
            }
        }

        void release() {
            used--;
            share.release();
        }

        /** Takes up to {@code count} seats, one after another. */
        Torrent take(int count) {
            for (int i = 0; i < count; i++) {
                assertThat(share.mayTake(0)).isEqualTo(share.tryTake() && ++used > 0);
                loop.turn(Duration.ofMillis(1));
            }
            return this;
        }
    }

    @Test
    void oneTorrentTakesAllThatIsFree() {
        Torrent one = new Torrent("a").take(200);
        assertThat(one.used).isEqualTo(100);
        one.release();
        assertThat(one.take(5).used).isEqualTo(100);
    }

    @Test
    void anotherOwnerGetsHalfAtOnce() {
        Torrent first = new Torrent("a").take(100);
        Torrent second = new Torrent("b").take(100);
        assertThat(second.used).isEqualTo(50);
        assertThat(first.used).isEqualTo(50);
        assertThat(first.take(100).used).as("it takes none back").isEqualTo(50);
        assertThat(seats.taken()).isEqualTo(100);
    }

    @Test
    void manyTorrentsOfOneOwnerTakeNoMoreThanHalf() {
        Torrent alone = new Torrent("a").take(100);
        List<Torrent> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            many.add(new Torrent("b").take(50));
        }
        for (Torrent each : many) {
            each.take(50);
        }
        assertThat(alone.used).isEqualTo(50);
        assertThat(many).allSatisfy(each -> assertThat(each.used).isBetween(2, 3));
    }

    @Test
    void torrentsAtTheFloorKeepTheirSeats() {
        List<Torrent> many = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            many.add(new Torrent("a").take(EngineLimits.SEATS_FLOOR));
        }
        Torrent other = new Torrent("b").take(100);
        assertThat(other.used).isEqualTo(EngineLimits.SEATS_FLOOR - 1);
        assertThat(many)
                .allSatisfy(each ->
                        assertThat(each.used).isBetween(EngineLimits.SEATS_FLOOR - 1, EngineLimits.SEATS_FLOOR));
    }

    @Test
    void aTorrentThatIsSlowToGiveUpIsWaitedFor() {
        Seats.Share slow = seats.join("a", loop, () -> {});
        for (int i = 0; i < 100; i++) {
            assertThat(slow.tryTake()).isTrue();
        }
        Torrent other = new Torrent("b").take(50);
        assertThat(other.used).as("no more than the overdraft").isEqualTo(5);
        assertThat(slow.owed()).isEqualTo(5);
        slow.release();
        assertThat(slow.owed()).isEqualTo(4);
        assertThat(other.take(50).used).isEqualTo(6);
    }

    @Test
    void seatsAreNeitherLostNorMadeWhateverHappens() {
        Random random = new Random(3);
        List<Torrent> torrents = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            int torrent = random.nextInt(30);
            if (torrent >= torrents.size()) {
                torrents.add(new Torrent("owner " + random.nextInt(4)));
                continue;
            }
            Torrent each = torrents.get(torrent);
            if (random.nextInt(500) == 0) {
                torrents.remove(torrent);
                each.share.close();
                while (each.used > 0) {
                    each.release();
                }
            } else if (random.nextBoolean()) {
                each.take(random.nextInt(20));
            } else if (each.used > 0) {
                each.release();
            }
            assertThat(seats.taken())
                    .isLessThanOrEqualTo(100)
                    .isEqualTo(torrents.stream().mapToInt(one -> one.used).sum());
        }
    }
}
