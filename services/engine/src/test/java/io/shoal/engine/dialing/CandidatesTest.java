package io.shoal.engine.dialing;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.limits.EngineLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CandidatesTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final AtomicInteger ofEngine = new AtomicInteger();
    private final Candidates candidates = new Candidates(ofEngine);
    private long now = -5;

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), port);
    }

    private boolean isDue() {
        return candidates.anyDue(now, each -> true);
    }

    private Candidate next() {
        return Objects.requireNonNull(candidates.next(now, each -> true));
    }

    @Test
    void eachFailureWaitsAMinuteMoreAndThenOnlyANewMentionCounts() {
        candidates.add(address(1), Candidates.UNKNOWN, now);
        for (int failures = 1; failures < Candidates.ATTEMPTS; failures++) {
            candidates.failed(next(), 1, now);
            now += failures * MINUTE - 1;
            assertThat(isDue()).isFalse();
            now++;
            assertThat(isDue()).isTrue();
        }
        candidates.failed(next(), 1, now);
        assertThat(candidates.anyMatch(each -> true)).isFalse();
        candidates.add(address(1), Candidates.UNKNOWN, now);
        now += Candidates.ATTEMPTS * MINUTE - 1;
        assertThat(isDue()).as("a mention does not shorten the wait").isFalse();
        now++;
        assertThat(isDue()).isTrue();

        candidates.used(next(), now);
        now += MINUTE;
        assertThat(isDue()).as("use forgets the failures").isTrue();
    }

    @Test
    void afterAFailedHandshakeTheOtherWayIsTriedAtOnceAndWhatWorksIsKept() {
        candidates.add(address(1), Candidates.UNKNOWN, now);
        candidates.add(address(2), Candidates.UNKNOWN, now);
        Candidate first = next();
        assertThat(first.usesAlternative()).isFalse();
        candidates.handshakeFailed(first, now);
        assertThat(next()).as("before the others").isSameAs(first);
        assertThat(first.usesAlternative()).isTrue();
        candidates.handshakeFailed(first, now);
        assertThat(next().address()).isEqualTo(address(2));
        assertThat(isDue()).as("both ways have failed").isFalse();
        now += MINUTE;
        assertThat(next()).isSameAs(first);
        assertThat(first.usesAlternative()).as("as at first").isFalse();

        candidates.handshakeFailed(first, now);
        assertThat(next()).isSameAs(first);
        first.handshakeSucceeded();
        candidates.used(first, now);
        now += MINUTE;
        assertThat(next().usesAlternative()).as("what has worked").isTrue();
        candidates.handshakeFailed(first, now);
        assertThat(next().usesAlternative()).as("the peer is another one now").isFalse();
    }

    @Test
    void aFailedHandshakeDoesNotPutWhatPeersNameBeforeWhatTrackersName() {
        candidates.add(address(1), Candidates.EXCHANGED, now);
        candidates.add(address(2), Candidates.EXCHANGED, now);
        Candidate exchanged = next();
        candidates.add(address(3), 1, now);
        candidates.handshakeFailed(exchanged, now);

        assertThat(next().address()).isEqualTo(address(3));
        assertThat(next()).as("before the others of its kind").isSameAs(exchanged);
        assertThat(exchanged.usesAlternative()).isTrue();
    }

    @Test
    void theEngineKeepsNoMoreThanItsBoundButEachTorrentAFew() {
        ofEngine.set(EngineLimits.CANDIDATES_PER_ENGINE);
        for (int port = 1; port <= 1_000; port++) {
            candidates.add(address(port), Candidates.UNKNOWN, now);
        }
        assertThat(ofEngine.get() - EngineLimits.CANDIDATES_PER_ENGINE).isEqualTo(EngineLimits.CANDIDATES_FLOOR);
        candidates.failed(next(), Candidates.ATTEMPTS, now);
        candidates.add(address(1_001), Candidates.UNKNOWN, now);
        assertThat(ofEngine.get() - EngineLimits.CANDIDATES_PER_ENGINE)
                .as("an exhausted one gives way")
                .isEqualTo(EngineLimits.CANDIDATES_FLOOR);
        candidates.clear();
        assertThat(ofEngine).hasValue(EngineLimits.CANDIDATES_PER_ENGINE);
    }

    @Test
    void addressesThatOnlyPeersNameComeLast() {
        candidates.add(address(1), Candidates.EXCHANGED, now);
        candidates.add(address(2), Candidates.EXCHANGED, now);
        candidates.add(address(3), Candidates.UNKNOWN, now);
        candidates.add(address(4), 1, now);
        candidates.add(address(2), 1, now);
        assertThat(candidates.isWaiting(address(1))).isTrue();
        assertThat(next().address()).isEqualTo(address(3));
        assertThat(next().address()).isEqualTo(address(4));
        Candidate both = next();
        assertThat(both.address()).as("a tracker has named it too").isEqualTo(address(2));
        assertThat(both.origins()).isEqualTo(Candidates.EXCHANGED | 1);
        Candidate last = next();
        assertThat(last.address()).isEqualTo(address(1));
        assertThat(candidates.isWaiting(address(1))).isFalse();
        assertThat(isDue()).isFalse();

        candidates.failed(last, 1, now);
        assertThat(candidates.isWaiting(address(1))).isTrue();
        assertThat(candidates.take(address(1), now)).isSameAs(last);
        assertThat(ofEngine).hasValue(0);
    }

    @Test
    void peersThatNameManyLeaveRoomForTrackers() {
        for (int port = 1; port <= 5_000; port++) {
            candidates.add(address(port), Candidates.EXCHANGED, now);
        }
        assertThat(ofEngine).hasValue(EngineLimits.CANDIDATES_EXCHANGED);
        for (int port = 10_001; port <= 10_000 + EngineLimits.CANDIDATES; port++) {
            candidates.add(address(port), 1, now);
        }
        for (int count = 0; count < EngineLimits.CANDIDATES; count++) {
            assertThat(next().origins())
                    .as("those that peers have named gave way")
                    .isEqualTo(1);
        }
        assertThat(isDue()).isFalse();
        assertThat(ofEngine).hasValue(0);
    }

    @Test
    void peersThatNameManyLeaveRoomForOtherTorrents() {
        ofEngine.set(EngineLimits.CANDIDATES_EXCHANGED_PER_ENGINE - 3);
        for (int port = 1; port <= 10; port++) {
            candidates.add(address(port), Candidates.EXCHANGED, now);
        }
        assertThat(ofEngine).hasValue(EngineLimits.CANDIDATES_EXCHANGED_PER_ENGINE);
        ofEngine.set(EngineLimits.CANDIDATES_PER_ENGINE);
        for (int port = 11; port <= 1_000; port++) {
            candidates.add(address(port), 1, now);
        }
        for (int count = 0; count < EngineLimits.CANDIDATES_FLOOR; count++) {
            assertThat(next().origins())
                    .as("the floor is not taken by what peers have named")
                    .isEqualTo(1);
        }
    }
}
