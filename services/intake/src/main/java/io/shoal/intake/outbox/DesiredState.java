package io.shoal.intake.outbox;

import java.util.Collection;
import java.util.Optional;

/** The current state in the database, as records. */
public interface DesiredState {
    /** Inside a transaction: reads the state of all these keys, with a number of statements that does not depend on how many they are. */
    Records read(Collection<RecordKey> keys);

    /** The state that was read. */
    @FunctionalInterface
    interface Records {
        /**
         * Returns the value of the record of one of the keys that were read; empty for a tombstone.
         *
         * @throws RuntimeException if this record cannot be made; the others can
         */
        Optional<byte[]> of(RecordKey key);
    }
}
