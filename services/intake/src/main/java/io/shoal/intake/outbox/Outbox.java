package io.shoal.intake.outbox;

import io.shoal.contracts.topics.Topic;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.EntityManager;
import java.util.List;

/**
 * Marks the key of a record as dirty in the transaction that changes its content. Only the key is kept: the relay publishes the
 * current state, so bursts coalesce and nothing is reordered.
 */
@ApplicationScoped
public class Outbox {
    private final EntityManager database;
    private final Event<Dirtied> dirtied;

    Outbox(EntityManager database, Event<Dirtied> dirtied) {
        this.database = database;
        this.dirtied = dirtied;
    }

    /** There is something for the relay. */
    record Dirtied() {}

    /**
     * Inside a transaction: the record of this key must be published again once it commits. A key that was set aside is tried again.
     */
    public void dirty(Topic topic, String key) {
        database.createNativeQuery(
                        "insert into dirty_key (topic, key, stamp) values (:topic, :key, nextval('dirty_seq'))"
                                + " on conflict (topic, key) do update set stamp = excluded.stamp, low_priority = false,"
                                + " blocked_at = null, dirty_at = case when dirty_key.low_priority then now()"
                                + " else dirty_key.dirty_at end")
                .setParameter("topic", topic.name())
                .setParameter("key", key)
                .executeUpdate();
        dirtied.fire(new Dirtied());
    }

    /**
     * Inside a transaction: as {@link #dirty} for many keys, none of which occurs twice. They have low priority: they are published
     * when no other key waits, so a long list holds up no other work. A key that waits already keeps its priority.
     */
    public void dirtyLater(Topic topic, List<String> keys) {
        database.createNativeQuery("insert into dirty_key (topic, key, stamp, low_priority)"
                        + " select :topic, key, nextval('dirty_seq'), true"
                        + " from unnest(cast(:keys as text[])) as given(key)"
                        + " on conflict (topic, key) do update set stamp = excluded.stamp, blocked_at = null")
                .setParameter("topic", topic.name())
                .setParameter("keys", keys.toArray(String[]::new))
                .executeUpdate();
        dirtied.fire(new Dirtied());
    }
}
