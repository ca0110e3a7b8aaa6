package io.shoal.intake.records;

import io.shoal.contracts.records.AccountingRecord;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.intake.accounting.Accounting;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** Reads what the tracker says of members, once per group of replicas, and again from the last commit after a crash. */
@ApplicationScoped
class AccountingReader {
    private static final Logger LOG = Logger.getLogger(AccountingReader.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Accounting accounting;
    private final DeadLetters deadLetters;

    AccountingReader(Accounting accounting, DeadLetters deadLetters) {
        this.accounting = accounting;
        this.deadLetters = deadLetters;
    }

    @Incoming("accounting")
    @RunOnVirtualThread
    void read(ConsumerRecord<String, byte[]> record) throws InterruptedException {
        AccountingRecord said;
        try {
            said = Json.read(record.value() == null ? new byte[0] : record.value(), AccountingRecord.class);
        } catch (BadRecordException e) {
            deadLetters.bury(record, String.valueOf(e.getMessage()));
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
