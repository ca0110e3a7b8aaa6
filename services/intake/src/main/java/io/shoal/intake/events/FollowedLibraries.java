package io.shoal.intake.events;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.shoal.intake.access.Credential;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The libraries that are followed at this replica, and their streams. A library is followed while it has a stream. */
@ApplicationScoped
class FollowedLibraries implements MeterBinder {
    /** Bytes that may wait for slow clients of one tenant, and of all; beyond them these clients are sent nothing else. */
    private static final long HELD_OF_TENANT = 4L << 20;

    private static final long HELD = 48L << 20;

    private final Map<UUID, FollowedLibrary> byTenant = new ConcurrentHashMap<>();
    private final HeldBytes held = new HeldBytes(HELD, null);

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("shoal.events.libraries", byTenant, Map::size)
                .description("libraries that are followed at this replica")
                .register(registry);
        Gauge.builder("shoal.events.streams", this, all -> all.streams().size())
                .description("streams of libraries that are open at this replica")
                .register(registry);
        Gauge.builder("shoal.events.held.bytes", held, HeldBytes::get)
                .description("bytes of events that clients have not read yet")
                .register(registry);
    }

    /** Adds a stream of the caller's library. */
    LibraryStream open(
            Credential caller,
            @Nullable String label,
            @Nullable String since,
            EventResponse response,
            EventPlaces.Place place) {
        AtomicReference<LibraryStream> opened = new AtomicReference<>();
        byTenant.compute(caller.tenant(), (tenant, known) -> {
            FollowedLibrary library =
                    known == null ? new FollowedLibrary(tenant, new HeldBytes(HELD_OF_TENANT, held)) : known;
            LibraryStream stream = new LibraryStream(caller, label, since, response, place, library);
            library.add(stream);
            opened.set(stream);
            return library;
        });
        return Objects.requireNonNull(opened.get());
    }

    /** Ends a stream; returns whether it had not ended before. */
    boolean close(LibraryStream stream) {
        byTenant.computeIfPresent(
                stream.caller().tenant(), (tenant, library) -> library.remove(stream) ? null : library);
        return stream.close();
    }

    Collection<FollowedLibrary> all() {
        return byTenant.values();
    }

    List<LibraryStream> streams() {
        return byTenant.values().stream()
                .flatMap(library -> library.streams().stream())
                .toList();
    }
}
