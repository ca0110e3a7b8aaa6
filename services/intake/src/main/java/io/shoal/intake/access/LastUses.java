package io.shoal.intake.access;

import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.tenants.Uses;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Notes when keys and sessions were last used. A request only notes it in memory; a few times a minute all notes are written in one
 * statement for the keys and one for the sessions. Memory is bounded by the number of keys and sessions that exist.
 */
@ApplicationScoped
public class LastUses {
    private static final Logger LOG = Logger.getLogger(LastUses.class);

    private final Map<UUID, Instant> keys = new ConcurrentHashMap<>();
    private final Map<UUID, Instant> sessions = new ConcurrentHashMap<>();
    private final Uses uses;

    LastUses(Uses uses) {
        this.uses = uses;
    }

    /** A request with this credential is let through. */
    public void used(Credential credential) {
        Instant now = Instant.now();
        keys.put(credential.key(), now);
        UUID session = credential.session();
        if (session != null) {
            sessions.put(session, now);
        }
    }

    @Scheduled(
            every = "15s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void write() {
        Map<UUID, Instant> usedKeys = Map.copyOf(keys);
        Map<UUID, Instant> usedSessions = Map.copyOf(sessions);
        if (usedKeys.isEmpty()) {
            return;
        }
        try {
            uses.write(usedKeys, usedSessions);
            usedKeys.forEach(keys::remove);
            usedSessions.forEach(sessions::remove);
        } catch (RuntimeException e) { // most likely the database is away: the notes stay until the next turn
            LOG.warnf("the last uses of keys were not written and are tried again: %s", e);
        }
    }
}
