package io.shoal.intake.api;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.shoal.intake.access.Credential;
import io.shoal.intake.access.Credentials;
import io.shoal.intake.swarms.SwarmLooks.Look;
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
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Streams of a transfer's swarm: an event a second while there is something new. A stream ends when its transfer is removed, its
 * key is not valid any more, its client has left, or the service begins to stop.
 *
 * <p>A stream is a thread that holds a {@link Look} for as long as it runs, which bounds how many there are. It is never interrupted,
 * because that would close the database connection that it uses; it is woken instead.
 */
@ApplicationScoped
class SwarmStreams {
    private static final Logger LOG = Logger.getLogger(SwarmStreams.class);
    private static final long TICK_MILLIS = 1_000;

    /** Ticks after which it is checked again whether the transfer runs, and the key is valid. */
    private static final int CHECK_TICKS = 2;

    /** Ticks without an event after which a comment is sent, so that proxies keep the connection. */
    private static final int QUIET_TICKS = 15;

    private final LibraryReader libraryReader;
    private final SwarmReader reader;
    private final Credentials credentials;
    private final Set<Stream> running = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;

    SwarmStreams(LibraryReader libraryReader, SwarmReader reader, Credentials credentials) {
        this.libraryReader = libraryReader;
        this.reader = reader;
        this.credentials = credentials;
    }

    void end(@Observes ShutdownDelayInitiatedEvent event) {
        ending = true;
        running.forEach(Stream::wake);
    }

    /**
     * Returns a stream of the swarm of the transfer, which exists.
     *
     * @param caller the key that asks, and its tenant
     * @param response what the stream is written to: once it is closed, the stream ends
     * @throws ProblemException the tenant looks at too much
     */
    Multi<OutboundSseEvent> open(Credential caller, UUID transfer, Sse sse, HttpServerResponse response) {
        reader.open(caller.tenant(), transfer).close(); // refused before the answer begins
        return Multi.createFrom()
                .emitter(
                        emitter -> {
                            Stream stream = new Stream(caller, transfer, sse, emitter, response);
                            emitter.onTermination(stream::wake);
                            Thread.ofVirtual().name("swarm").start(stream::run);
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
        private LibraryReader.@Nullable Item item;
        private @Nullable TransferSwarmView last;
        private int ticks;
        private int quiet;

        Stream(
                Credential caller,
                UUID transfer,
                Sse sse,
                MultiEmitter<? super OutboundSseEvent> emitter,
                HttpServerResponse response) {
            this.caller = caller;
            this.transfer = transfer;
            this.sse = sse;
            this.emitter = emitter;
            this.response = response;
        }

        void wake() {
            woken.release();
        }

        void run() {
            running.add(this);
            try (Look look = reader.open(caller.tenant(), transfer)) {
                while (isWatched() && tick(look)) {
                    woken.tryAcquire(TICK_MILLIS, TimeUnit.MILLISECONDS);
                }
            } catch (ProblemException e) {
                LOG.debugf("the last place went to another stream: %s", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // this class never interrupts it; the thread ends
            } finally {
                running.remove(this);
                emitter.complete();
            }
        }

        private boolean isWatched() {
            return !ending && !emitter.isCancelled() && !response.closed();
        }

        /** Sends what is new; returns whether there will be more. */
        private boolean tick(Look look) throws InterruptedException {
            try {
                if (ticks++ % CHECK_TICKS == 0 && !check()) {
                    return false;
                }
            } catch (RuntimeException e) { // most likely the database is away: the stream continues with what it knows
                LOG.debugf("a stream of a swarm waits: %s", e);
            }
            LibraryReader.Item known = item;
            if (known != null) {
                show(reader.view(look, known, Duration.ZERO));
            }
            if (++quiet >= QUIET_TICKS) {
                quiet = 0;
                emitter.emit(sse.newEventBuilder().comment("still here").build());
            }
            return true;
        }

        /** Looks at the key and the transfer again; returns whether both are still there. */
        private boolean check() {
            if (credentials
                    .find(caller)
                    .filter(key -> key.state() == TenantState.ACTIVE)
                    .isEmpty()) {
                return false;
            }
            Optional<LibraryReader.Item> found = libraryReader.look(Caller.library(caller), transfer);
            if (found.isEmpty()) {
                emitter.emit(sse.newEventBuilder().name("removed").data("{}").build());
                return false;
            }
            item = found.get();
            return true;
        }

        private void show(TransferSwarmView view) {
            if (view.equals(last)) {
                return;
            }
            last = view;
            quiet = 0;
            emitter.emit(sse.newEventBuilder()
                    .name("swarm")
                    .mediaType(MediaType.APPLICATION_JSON_TYPE)
                    .data(TransferSwarmView.class, view)
                    .build());
        }
    }
}
