package io.shoal.intake.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Streams of a transfer's changes: each event is the whole transfer as it is, at most one a second, and none while nothing
 * changes. An event's id says what is in it; so who comes back with the last one, at whatever replica, gets nothing twice and
 * misses nothing that still holds. A stream ends when the transfer is removed.
 */
@ApplicationScoped
class EventStreams {
    private static final Logger LOG = Logger.getLogger(EventStreams.class);
    private static final Duration TICK = Duration.ofSeconds(1);

    /** Ticks without an event after which something is sent all the same, so that proxies keep the connection. */
    private static final int QUIET_TICKS = 15;

    private static final int ID_BYTES = 12;

    private final LibraryReader libraryReader;
    private final ObjectMapper json;
    private final int limit;
    private final Map<UUID, Integer> open = new ConcurrentHashMap<>();

    EventStreams(
            LibraryReader libraryReader, ObjectMapper json, @ConfigProperty(name = "shoal.event-streams") int limit) {
        this.libraryReader = libraryReader;
        this.json = json;
        this.limit = limit;
    }

    /** A stream of the tenant's transfer, which is there, from after the event {@code lastId}. */
    Multi<OutboundSseEvent> open(UUID tenant, UUID transfer, @Nullable String lastId, Sse sse) {
        return Multi.createFrom()
                .emitter(
                        emitter -> {
                            Stream stream = new Stream(tenant, transfer, sse, emitter, lastId);
                            Thread thread = Thread.ofVirtual().name("events").unstarted(stream::run);
                            emitter.onTermination(() -> {
                                thread.interrupt();
                                release(tenant);
                            });
                            thread.start();
                        },
                        BackPressureStrategy.LATEST);
    }

    /** Counts a stream that is about to be opened; one too many is refused. */
    void admit(UUID tenant) {
        open.compute(tenant, (id, count) -> {
            if (count != null && count >= limit) {
                throw ProblemException.of(ProblemKind.TOO_MANY_STREAMS);
            }
            return count == null ? 1 : count + 1;
        });
    }

    private void release(UUID tenant) {
        open.computeIfPresent(tenant, (id, count) -> count == 1 ? null : count - 1);
    }

    private final class Stream {
        private final UUID tenant;
        private final UUID transfer;
        private final Sse sse;
        private final MultiEmitter<? super OutboundSseEvent> emitter;
        private @Nullable String lastId;
        private int quiet;

        Stream(
                UUID tenant,
                UUID transfer,
                Sse sse,
                MultiEmitter<? super OutboundSseEvent> emitter,
                @Nullable String lastId) {
            this.tenant = tenant;
            this.transfer = transfer;
            this.sse = sse;
            this.emitter = emitter;
            this.lastId = lastId;
        }

        void run() {
            try {
                while (!emitter.isCancelled() && tick()) {
                    Thread.sleep(TICK);
                }
                emitter.complete();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the client is gone
            }
        }

        /** Whether there will be more. */
        private boolean tick() {
            try {
                Optional<LibraryReader.Item> item = libraryReader.look(tenant, transfer);
                if (item.isEmpty()) {
                    emitter.emit(
                            sse.newEventBuilder().name("removed").data("{}").build());
                    return false;
                }
                show(libraryReader.view(item.get()));
            } catch (RuntimeException e) { // most likely the database is away: the stream goes on when it is back
                LOG.debugf("an event stream waits: %s", e);
            }
            if (++quiet >= QUIET_TICKS) {
                quiet = 0;
                emitter.emit(sse.newEventBuilder().comment("still here").build());
            }
            return true;
        }

        private void show(TransferView view) {
            String id = id(view);
            if (id.equals(lastId)) {
                return;
            }
            lastId = id;
            quiet = 0;
            emitter.emit(sse.newEventBuilder()
                    .name("transfer")
                    .id(id)
                    .mediaType(MediaType.APPLICATION_JSON_TYPE)
                    .data(TransferView.class, view)
                    .build());
        }
    }

    private String id(TransferView view) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(json.writeValueAsBytes(view));
            return HexFormat.of().formatHex(Arrays.copyOf(digest, ID_BYTES));
        } catch (NoSuchAlgorithmException | JsonProcessingException e) {
            throw new IllegalStateException("a view that has no digest", e);
        }
    }
}
