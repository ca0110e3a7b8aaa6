package io.shoal.intake.records;

import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.jboss.logging.Logger;

/** Puts records that nobody can read where a person will find them: the bytes as they were, the rest in headers. */
@ApplicationScoped
class DeadLetters {
    private static final Logger LOG = Logger.getLogger(DeadLetters.class);

    private final Emitter<byte[]> dead;

    DeadLetters(@Channel("dead") Emitter<byte[]> dead) {
        this.dead = dead;
    }

    /** {@code record} breaks the rule that {@code reason} names. */
    void bury(ConsumerRecord<String, byte[]> record, String reason) {
        LOG.errorf("%s-%d@%d is unreadable: %s", record.topic(), record.partition(), record.offset(), reason);
        RecordHeaders headers = new RecordHeaders();
        headers.add("topic", text(record.topic()));
        headers.add("partition", text(Integer.toString(record.partition())));
        headers.add("offset", text(Long.toString(record.offset())));
        headers.add("reason", text(reason));
        var metadata = OutgoingKafkaRecordMetadata.<String>builder()
                .withKey(record.key() == null ? "" : record.key())
                .withHeaders(headers)
                .build();
        byte[] bytes = record.value() == null ? new byte[0] : record.value();
        dead.send(Message.of(bytes, Metadata.of(metadata)));
    }

    private static byte[] text(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }
}
