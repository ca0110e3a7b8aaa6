package io.shoal.intake.events;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Bounds the event streams that each tenant has open at this replica, of whatever kind they are. */
@ApplicationScoped
public class EventPlaces {
    private final Map<UUID, Integer> taken = new ConcurrentHashMap<>();
    private final int each;

    EventPlaces(@ConfigProperty(name = "shoal.event-streams") int each) {
        this.each = each;
    }

    /** The place of one stream. Closing it gives it back; closing it again does nothing. */
    public final class Place implements AutoCloseable {
        private final UUID tenant;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Place(UUID tenant) {
            this.tenant = tenant;
        }

        @Override
        public void close() {
            if (!closed.getAndSet(true)) {
                leave(tenant);
            }
        }
    }

    /** Takes a place; empty if the tenant has as many streams as it may have. */
    public Optional<Place> take(UUID tenant) {
        if (taken.merge(tenant, 1, Integer::sum) > each) {
            leave(tenant);
            return Optional.empty();
        }
        return Optional.of(new Place(tenant));
    }

    /** Returns whether all places of the tenant are taken at this moment. */
    public boolean isFull(UUID tenant) {
        return taken.getOrDefault(tenant, 0) >= each;
    }

    private void leave(UUID tenant) {
        taken.computeIfPresent(tenant, (id, count) -> count == 1 ? null : count - 1);
    }
}
