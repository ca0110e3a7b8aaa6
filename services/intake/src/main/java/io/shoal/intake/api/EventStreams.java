package io.shoal.intake.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.shoal.intake.access.Credential;
import io.shoal.intake.access.Credentials;
import io.shoal.intake.events.EventPlaces;
import io.shoal.intake.tenants.TenantState;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Streams of a transfer's changes: each event is the whole transfer, at most one a second, and none while nothing changes. The
 * id of an event is a digest of its content, so a client that reconnects with the last id, to any replica, sees no event twice
 * and misses no current state. A stream ends when the transfer is removed, when the key that opened it is no longer valid, or when
 * the service begins to stop: it would be waited for otherwise, as for any request.
 *
 * <p>A stream is a thread. It takes its place among the tenant's streams when it begins to run and gives it back when it ends,
 * so no place can be lost. It is never interrupted, because that would close the database connection that it uses; it is woken
 * instead, and checks whether it should end.
 */
@ApplicationScoped
class EventStreams {
    private static final Logger LOG = Logger.getLogger(EventStreams.class);
    private static final long TICK_MILLIS = 1_000;

    /** Ticks without an event after which a comment is sent, so that proxies keep the connection. */
    private static final int QUIET_TICKS = 15;

    private static final int ID_BYTES = 12;

    private final LibraryReader libraryReader;
    private final Credentials credentials;
    private final ObjectMapper json;
    private final EventPlaces places;
    private final Set<Stream> running = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;

    EventStreams(LibraryReader libraryReader, Credentials credentials, ObjectMapper json, EventPlaces places) {
        this.libraryReader = libraryReader;
        this.credentials = credentials;
        this.json = json;
        this.places = places;
    }

    void end(@Observes ShutdownDelayInitiatedEvent event) {
        ending = true;
        running.forEach(Stream::wake);
    }

    /**
     * Returns a stream of the transfer, which exists, that begins after the event {@code lastId}.
     *
     * @param caller the key that asks, and its tenant
     * @param response what the stream is written to: once it is closed, the stream ends
     * @throws ProblemException the tenant has too many streams
     */
    Multi<OutboundSseEvent> open(
            Credential caller, UUID transfer, @Nullable String lastId, Sse sse, HttpServerResponse response) {
        if (places.isFull(caller.tenant())) {
            throw ProblemException.of(ProblemKind.TOO_MANY_STREAMS);
        }
        return Multi.createFrom()
                .emitter(
                        emitter -> {
                            Stream stream = new Stream(caller, transfer, sse, emitter, response, lastId);
                            emitter.onTermination(stream::wake);
                            Thread.ofVirtual().name("events").start(stream::run);
                        },
                        BackPressureStrategy.LATEST);
    }

    private final class Stream {
        private final Credential caller;
        private final UUID transfer;
        private final Sse sse;
        private final MultiEmitter<? super OutboundSseEvent> emitter;
        private final HttpServerResponse response;
        private final Semaphore woken = new Semaphore(0);
        private @Nullable String lastId;
        private int quiet;

        Stream(
                Credential caller,
                UUID transfer,
                Sse sse,
                MultiEmitter<? super OutboundSseEvent> emitter,
                HttpServerResponse response,
                @Nullable String lastId) {
            this.caller = caller;
            this.transfer = transfer;
            this.sse = sse;
            this.emitter = emitter;
            this.response = response;
            this.lastId = lastId;
        }

        void wake() {
            woken.release();
        }

        void run() {
            running.add(this);
            try {
                // Empty if so many requests came at once that the last place went to another of them.
                places.take(caller.tenant()).ifPresent(place -> {
                    try (place) {
                        follow();
                    }
                });
                emitter.complete();
            } finally {
                running.remove(this);
            }
        }

        private void follow() {
            try {
                while (isWatched() && tick()) {
                    woken.tryAcquire(TICK_MILLIS, TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // this class never interrupts it; the thread ends
            }
        }

        private boolean isWatched() {
            return !ending && !emitter.isCancelled() && !response.closed();
        }

        /** Sends what is new; returns whether there will be more. */
        private boolean tick() {
            try {
                if (!isStillAllowed()) {
                    return false;
                }
                Optional<LibraryReader.Item> item = libraryReader.look(Caller.library(caller), transfer);
                if (item.isEmpty()) {
                    emitter.emit(
                            sse.newEventBuilder().name("removed").data("{}").build());
                    return false;
                }
                show(libraryReader.view(item.get()));
            } catch (RuntimeException e) { // most likely the database is away: the stream continues when it is back
                LOG.debugf("an event stream waits: %s", e);
            }
            if (++quiet >= QUIET_TICKS) {
                quiet = 0;
                emitter.emit(sse.newEventBuilder().comment("still here").build());
            }
            return true;
        }

        private boolean isStillAllowed() {
            return credentials
                    .find(caller)
                    .filter(key -> key.state() == TenantState.ACTIVE)
                    .isPresent();
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
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(json.writeValueAsBytes(view.withoutClocks()));
            return HexFormat.of().formatHex(Arrays.copyOf(digest, ID_BYTES));
        } catch (NoSuchAlgorithmException | JsonProcessingException e) {
            throw new IllegalStateException("a view has no digest", e);
        }
    }
}
