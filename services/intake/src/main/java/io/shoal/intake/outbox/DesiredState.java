package io.shoal.intake.outbox;

import io.shoal.contracts.topics.Topic;
import java.util.Optional;

/** The current state in the database, as records. */
public interface DesiredState {
    /** Inside a transaction: the value of the record of this key; empty for a tombstone. */
    Optional<byte[]> of(Topic topic, String key);
}
