package io.shoal.intake.outbox;

import io.shoal.contracts.topics.Topic;
import java.util.List;
import java.util.Optional;

/** Sends records to Kafka. */
public interface Publisher {
    /** A record; without a value it is a tombstone. */
    record Entry(Topic topic, String key, Optional<byte[]> value) {}

    /** The broker did not accept all records: all must be published again later. */
    final class NotPublishedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean refused;

        /**
         * @param refused see {@link #isRefused}
         */
        public NotPublishedException(Throwable cause, boolean refused) {
            super(cause);
            this.refused = refused;
        }

        /** Returns whether the broker was reached and refuses one of the records as it is, so that trying again is useless. */
        public boolean isRefused() {
            return refused;
        }
    }

    /** Publishes records; returns when the broker has acknowledged all of them. */
    void publish(List<Entry> entries) throws NotPublishedException, InterruptedException;
}
