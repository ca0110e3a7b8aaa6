package io.shoal.intake.tenants;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hibernate.Session;

/**
 * Writes when keys and sessions were last used. A row is written at most once a minute, whatever the number of replicas; one that
 * another transaction has locked is left out, so that this never waits.
 */
@ApplicationScoped
public class Uses {
    private final Session database;

    Uses(Session database) {
        this.database = database;
    }

    /** Notes the last use of keys and sessions, by their ids. */
    @Transactional
    public void write(Map<UUID, Instant> keys, Map<UUID, Instant> sessions) {
        write("api_key", keys);
        write("api_session", sessions);
    }

    private void write(String table, Map<UUID, Instant> uses) {
        if (uses.isEmpty()) {
            return;
        }
        List<Map.Entry<UUID, Instant>> entries = List.copyOf(uses.entrySet());
        database.createNativeMutationQuery("update " + table + " used set last_used_at = free.at from ("
                        + "select found.id, given.at from " + table + " found"
                        + " join (select id, to_timestamp(millis / 1000.0) as at"
                        + " from unnest(cast(:ids as uuid[]), cast(:millis as bigint[])) as raw(id, millis)) as given"
                        + " on found.id = given.id"
                        + " where found.last_used_at is null or found.last_used_at <= given.at - interval '1 minute'"
                        + " for no key update of found skip locked) as free where used.id = free.id")
                .setParameter(
                        "ids",
                        entries.stream().map(use -> use.getKey().toString()).toArray(String[]::new))
                .setParameter(
                        "millis",
                        entries.stream()
                                .map(use -> use.getValue().toEpochMilli())
                                .toArray(Long[]::new))
                .executeUpdate();
    }
}
