package io.shoal.contracts.records;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * What {@code shoal.dead} says of a record that could not be parsed. It lies there with its own key and bytes, so that it can be
 * sent again; where it was and what is wrong with it is in the headers {@code topic}, {@code partition}, {@code offset} and
 * {@code reason}.
 */
public final class DeadHeaders {
    private DeadHeaders() {}

    /** Of {@code record}, which breaks the rule that {@code reason} names. */
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
