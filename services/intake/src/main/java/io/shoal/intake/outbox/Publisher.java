package io.shoal.intake.outbox;

import io.shoal.contracts.topics.Topic;
import java.util.List;
import java.util.Optional;

/** Sends records to Kafka. */
public interface Publisher {
    /** A record; without a value it is a tombstone. */
    record Entry(Topic topic, String key, Optional<byte[]> value) {}

    /** The broker did not take all of them: publish all again later. */
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

        /** Whether the broker was reached and does not take one of the records as it is, so that trying again is of no use. */
        public boolean isRefused() {
            return refused;
        }
    }

    /** All of these are safe with the broker when this returns. */
    void publish(List<Entry> entries) throws NotPublishedException, InterruptedException;
}
