package io.shoal.intake.fetches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FetchPlacesTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    private final UUID one = UUID.randomUUID();
    private final UUID other = UUID.randomUUID();

    @Test
    void aTenantWaitsForItselfAndLeavesTheReplicasPlacesToOthers() {
        FetchPlaces places = new FetchPlaces(2, 3, SHORT);
        places.take(one);
        places.take(one);
        assertThatThrownBy(() -> places.take(one)).isInstanceOf(NoPlaceException.class);
        places.take(other);
        assertThatThrownBy(() -> places.take(other)).as("the replica is full").isInstanceOf(NoPlaceException.class);
        places.release(one);
        places.take(other);
        places.release(other);
        places.take(one);
    }

    @Test
    void aPlaceThatBecomesFreeInTimeIsTaken() throws Exception {
        FetchPlaces places = new FetchPlaces(1, 1, Duration.ofSeconds(30));
        places.take(one);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> waits = threads.submit(() -> places.take(other));
            places.release(one);
            waits.get(20, TimeUnit.SECONDS);
            assertThat(waits.state()).isEqualTo(Future.State.SUCCESS);
        }
    }
}
