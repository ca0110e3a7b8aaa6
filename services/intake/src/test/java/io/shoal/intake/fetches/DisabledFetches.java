package io.shoal.intake.fetches;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;

/** Fetches as they are where the operator has disabled them. */
public class DisabledFetches extends UrlFetches {
    public DisabledFetches() {
        super(new Disabled(), Optional.empty(), new SimpleMeterRegistry());
    }

    private record Disabled() implements FetchSettings {
        @Override
        public boolean enabled() {
            return false;
        }

        @Override
        public Duration timeout() {
            return Duration.ofSeconds(1);
        }

        @Override
        public int ofTenant() {
            return 1;
        }

        @Override
        public int atOnce() {
            return 1;
        }

        @Override
        public Duration patience() {
            return Duration.ofSeconds(1);
        }
    }
}
