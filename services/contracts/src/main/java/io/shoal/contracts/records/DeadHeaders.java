package io.shoal.contracts.records;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The headers of a record in {@code shoal.dead}, which could not be parsed. It keeps its own key and bytes, so that it can be sent
 * again; its origin and the reason are in the headers {@code topic}, {@code partition}, {@code offset} and {@code reason}.
 */
public final class DeadHeaders {
    private DeadHeaders() {}

    /** Returns the headers for {@code record}, which breaks the rule that {@code reason} names. */
    public static Headers of(ConsumerRecord<?, ?> record, String reason) {
        return new RecordHeaders()
                .add("topic", text(record.topic()))
                .add("partition", text(Integer.toString(record.partition())))
                .add("offset", text(Long.toString(record.offset())))
                .add("reason", text(reason));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
