package io.shoal.intake.records;

import io.shoal.contracts.records.AccountingRecord;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.intake.accounting.Accounting;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/** Reads the tracker's records about members, each in one replica, and again from the last commit after a crash. */
@ApplicationScoped
class AccountingReader {
    private static final Logger LOG = Logger.getLogger(AccountingReader.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Accounting accounting;
    private final DeadLetters deadLetters;
    private final ChannelReader reader;

    AccountingReader(
            Accounting accounting, DeadLetters deadLetters, @Channel("accounting") Multi<Message<byte[]>> records) {
        this.accounting = accounting;
        this.deadLetters = deadLetters;
        this.reader = new ChannelReader("accounting", records, this::read);
    }

    /** Begins to read. The topic must exist. */
    void start() {
        reader.start();
    }

    private void read(ConsumerRecord<String, byte[]> record) throws InterruptedException {
        AccountingRecord said;
        try {
            said = Json.read(record.value() == null ? new byte[0] : record.value(), AccountingRecord.class);
        } catch (BadRecordException e) {
            deadLetters.deadLetter(record, String.valueOf(e.getMessage()));
            return;
        }
        while (!isTaken(said)) {
            Thread.sleep(PAUSE);
        }
    }

    private boolean isTaken(AccountingRecord record) {
        try {
            accounting.take(record);
            return true;
        } catch (RuntimeException e) { // most likely the database is away: this partition waits, nothing is lost
            LOG.warnf("accounting waits to be written: %s", e);
            return false;
        }
    }
}
