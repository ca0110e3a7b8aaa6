package io.shoal.intake.api;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.shoal.intake.access.Credential;
import io.shoal.intake.access.Credentials;
import io.shoal.intake.tenants.TenantState;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Streams of events about one transfer, at most one a second. A stream ends when the transfer is removed, or is not visible to its key any
 * more, when that key is no longer valid, or when the service begins to stop: it would be waited for otherwise, as for any request.
 *
 * <p>A stream is a thread. What it shows is opened when it begins to run and closed when it ends, so no place can be lost. It is never
 * interrupted, because that would close the database connection that it uses; it is woken instead, and checks whether it should end.
 */
@ApplicationScoped
class TransferStreams {
    private static final Logger LOG = Logger.getLogger(TransferStreams.class);
    private static final long TICK_MILLIS = 1_000;

    /** Ticks without an event after which a comment is sent, so that proxies keep the connection. */
    private static final int QUIET_TICKS = 15;

    private final LibraryReader libraryReader;
    private final Credentials credentials;
    private final Set<Stream> running = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;

    TransferStreams(LibraryReader libraryReader, Credentials credentials) {
        this.libraryReader = libraryReader;
        this.credentials = credentials;
    }

    void end(@Observes ShutdownDelayInitiatedEvent event) {
        ending = true;
        running.forEach(Stream::wake);
    }

    /** What a stream shows. Used by the stream's thread only. */
    interface Shown extends AutoCloseable {
        /** Returns the event to send, if there is anything new of the transfer. */
        Optional<OutboundSseEvent> news(LibraryReader.Item item) throws InterruptedException;

        @Override
        void close();
    }

    /**
     * Returns a stream about the transfer, which exists.
     *
     * @param caller the key that asks, and its tenant
     * @param response what the stream is written to: once it is closed, the stream ends
     * @param opening gives what the stream shows; empty if the stream must end at once
     */
    Multi<OutboundSseEvent> open(
            Credential caller,
            UUID transfer,
            Sse sse,
            HttpServerResponse response,
            Supplier<Optional<? extends Shown>> opening) {
        return Multi.createFrom()
                .emitter(
                        emitter -> {
                            Stream stream = new Stream(caller, transfer, sse, emitter, response, opening);
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
        private final Supplier<Optional<? extends Shown>> opening;
        private final Semaphore woken = new Semaphore(0);
        private LibraryReader.@Nullable Item known;
        private int quiet;

        Stream(
                Credential caller,
                UUID transfer,
                Sse sse,
                MultiEmitter<? super OutboundSseEvent> emitter,
                HttpServerResponse response,
                Supplier<Optional<? extends Shown>> opening) {
            this.caller = caller;
            this.transfer = transfer;
            this.sse = sse;
            this.emitter = emitter;
            this.response = response;
            this.opening = opening;
        }

        void wake() {
            woken.release();
        }

        void run() {
            running.add(this);
            try {
                opening.get().ifPresent(shown -> {
                    try (shown) {
                        follow(shown);
                    }
                });
                emitter.complete();
            } finally {
                running.remove(this);
            }
        }

        private void follow(Shown shown) {
            try {
                while (isWatched() && tick(shown)) {
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
        private boolean tick(Shown shown) throws InterruptedException {
            try {
                if (!isStillThere()) {
                    return false;
                }
            } catch (RuntimeException e) { // most likely the database is away: the stream goes on with what it knows
                LOG.debugf("an event stream waits: %s", e);
            }
            show(shown);
            if (++quiet >= QUIET_TICKS) {
                quiet = 0;
                emitter.emit(sse.newEventBuilder().comment("still here").build());
            }
            return true;
        }

        /** Looks at the key and the transfer again. */
        private boolean isStillThere() {
            if (credentials
                    .find(caller)
                    .filter(key -> key.state() == TenantState.ACTIVE)
                    .isEmpty()) {
                return false;
            }
            known = libraryReader.look(Caller.library(caller), transfer).orElse(null);
            if (known == null) {
                emitter.emit(sse.newEventBuilder().name("removed").data("{}").build());
            }
            return known != null;
        }

        private void show(Shown shown) throws InterruptedException {
            LibraryReader.Item item = known;
            if (item == null) {
                return;
            }
            try {
                shown.news(item).ifPresent(event -> {
                    quiet = 0;
                    emitter.emit(event);
                });
            } catch (RuntimeException e) { // as above
                LOG.debugf("an event stream waits: %s", e);
            }
        }
    }
}
