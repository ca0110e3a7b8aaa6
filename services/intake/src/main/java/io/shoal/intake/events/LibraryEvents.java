package io.shoal.intake.events;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.intake.access.Credential;
import io.shoal.intake.changes.LibraryChanges;
import io.shoal.intake.loops.Loops;
import io.shoal.intake.progress.StatusBoard;
import io.shoal.intake.tenants.KeyRevoked;
import io.shoal.intake.tenants.SessionEnded;
import io.shoal.intake.tenants.TenantStateChanged;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event streams of whole libraries. A stream takes no thread: one thread reads changes and checks keys for all of them, another
 * one sends figures and heartbeats from memory, so that these go on while the database is away.
 *
 * <p>A stream ends when its client leaves or does not read, when its key or session is no longer valid, and when the service begins to
 * stop: it would be waited for otherwise, as for any request.
 */
@ApplicationScoped
public class LibraryEvents {
    private static final Logger LOG = LoggerFactory.getLogger(LibraryEvents.class);
    private static final Duration TICK = Duration.ofSeconds(1);

    /** Ticks between heartbeats, with which proxies keep the connection. */
    private static final int HEARTBEAT_TICKS = 15;

    private final FollowedLibraries libraries;
    private final StreamLoader loader;
    private final ChangeFollower follower;
    private final LibraryChanges changes;
    private final EventFrames frames;
    private final StatusBoard board;
    private final EventMeters meters;
    private final Loops loops;
    private final Duration patience;
    private final Duration keyCheck;
    private final OutageLog outage = new OutageLog(LOG, "changes for event streams");
    private final OutageLog keyOutage = new OutageLog(LOG, "keys of event streams");
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean isEnding;
    private volatile boolean areKeysSuspect;

    LibraryEvents(
            FollowedLibraries libraries,
            StreamLoader loader,
            ChangeFollower follower,
            LibraryChanges changes,
            EventFrames frames,
            StatusBoard board,
            EventMeters meters,
            Loops loops,
            @ConfigProperty(name = "shoal.events.patience") Duration patience,
            @ConfigProperty(name = "shoal.events.key-check") Duration keyCheck) {
        this.libraries = libraries;
        this.loader = loader;
        this.follower = follower;
        this.changes = changes;
        this.frames = frames;
        this.board = board;
        this.meters = meters;
        this.loops = loops;
        this.patience = patience;
        this.keyCheck = keyCheck;
    }

    void begin(@Observes StartupEvent event) {
        Thread.ofVirtual().name("event-changes").start(loops.eventChanges().watched(this::follow, Loops::died));
        Thread.ofPlatform()
                .daemon()
                .name("event-figures")
                .start(loops.eventFigures().watched(this::sendFigures, Loops::died));
    }

    void end(@Observes ShutdownDelayInitiatedEvent event) {
        isEnding = true;
        libraries.streams().forEach(libraries::close);
    }

    void stop(@Observes ShutdownEvent event) {
        stopped.countDown();
    }

    void revoked(@Observes(during = TransactionPhase.AFTER_SUCCESS) KeyRevoked revoked) {
        areKeysSuspect = true;
    }

    void ended(@Observes(during = TransactionPhase.AFTER_SUCCESS) SessionEnded ended) {
        areKeysSuspect = true;
    }

    void stateChanged(@Observes(during = TransactionPhase.AFTER_SUCCESS) TenantStateChanged changed) {
        areKeysSuspect = true;
    }

    /**
     * Opens a stream of the caller's library, which ends by itself.
     *
     * @param label that the transfers have which are shown; null: all are
     * @param since the id of the last event that the client has read; null: the library is sent
     */
    public void open(
            Credential caller,
            @Nullable String label,
            @Nullable String since,
            EventResponse response,
            EventPlaces.Place place) {
        LibraryStream stream = libraries.open(caller, label, since, response, place);
        response.onDrained(() -> loader.advance(stream));
        if (isEnding) {
            libraries.close(stream);
        }
        loader.advance(stream);
    }

    private void follow() {
        long checked = System.nanoTime();
        boolean more = false;
        try {
            while (!stopped.await(more ? 0 : TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                more = false;
                loops.eventChanges().turned();
                try {
                    more = follower.follow();
                    outage.succeeded();
                } catch (RuntimeException e) { // most likely the database is away: the streams go on when it is back
                    meters.failed();
                    outage.failed(e);
                }
                if (areKeysSuspect || System.nanoTime() - checked > keyCheck.toNanos()) {
                    areKeysSuspect = false;
                    checked = System.nanoTime() - keyCheck.toNanos(); // until it has succeeded
                    if (tryCheckKeys()) {
                        checked = System.nanoTime();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // this class never interrupts it; the thread ends
        }
    }

    private boolean tryCheckKeys() {
        try {
            follower.checkKeys();
            keyOutage.succeeded();
            return true;
        } catch (RuntimeException e) {
            meters.failed();
            keyOutage.failed(e);
            return false;
        }
    }

    private void sendFigures() {
        int ticks = 0;
        try {
            while (!stopped.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                loops.eventFigures().turned();
                boolean isHeartbeat = ++ticks % HEARTBEAT_TICKS == 0;
                for (FollowedLibrary library : libraries.all()) {
                    try {
                        attend(library, isHeartbeat);
                    } catch (RuntimeException e) { // a fault of this service: other libraries go on
                        meters.failed();
                        LOG.error("the figures of a library cannot be sent", e);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // this class never interrupts it; the thread ends
        }
    }

    private void attend(FollowedLibrary library, boolean isHeartbeat) {
        for (LibraryStream stream : library.streams()) {
            if (stream.response().isGone()) {
                libraries.close(stream);
            } else if (stream.response().isStalled(patience)) {
                if (libraries.close(stream)) {
                    meters.closedSlow();
                }
            } else {
                loader.advance(stream); // if it waits for another attempt
            }
        }
        library.sendFigures(board, frames);
        if (isHeartbeat) {
            library.beat(frames, changes::text);
        }
    }
}
