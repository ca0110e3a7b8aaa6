package io.shoal.intake.outbox;

import io.shoal.contracts.topics.Topic;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.EntityManager;

/**
 * Remembers, in the transaction that changes what a record says, that the record on Kafka is old. Only the key is kept: the
 * relay publishes the state of the moment, so that bursts coalesce and nothing is reordered.
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
                                + " on conflict (topic, key) do update set stamp = excluded.stamp, blocked_at = null")
                .setParameter("topic", topic.name())
                .setParameter("key", key)
                .executeUpdate();
        dirtied.fire(new Dirtied());
    }
}
