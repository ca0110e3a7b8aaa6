package io.shoal.contracts.records;

import org.jspecify.annotations.Nullable;

/** Bytes from Kafka that are no record: they go to {@code shoal.dead} and the reader goes on. */
public final class BadRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    public BadRecordException(String reason, @Nullable Throwable cause) {
        super(reason, cause);
    }
}
