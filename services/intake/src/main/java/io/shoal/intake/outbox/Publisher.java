package io.shoal.intake.outbox;

import java.util.List;
import java.util.Optional;

/** Sends records to Kafka. */
public interface Publisher {
    /** A record; without a value it is a tombstone. */
    record Entry(RecordKey key, Optional<byte[]> value) {}

    /** A record that the broker refuses as it is, so that sending it again is useless. */
    record Refusal(RecordKey key, Throwable cause) {}

    /** The broker did not answer in time, or cannot take records at present: all must be published again later. */
    final class NotPublishedException extends Exception {
        private static final long serialVersionUID = 1L;

        public NotPublishedException(Throwable cause) {
            super(cause);
        }
    }

    /**
     * Publishes records; returns when the broker has answered about all of them.
     *
     * @return the records that it refuses; it has acknowledged the others
     */
    List<Refusal> publish(List<Entry> entries) throws NotPublishedException, InterruptedException;
}
