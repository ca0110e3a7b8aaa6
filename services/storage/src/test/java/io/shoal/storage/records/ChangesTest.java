package io.shoal.storage.records;

import static io.shoal.storage.TestIds.torrent;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.storage.catalog.Change;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class ChangesTest {
    @Test
    void aTombstoneWithdrawsTheStatusOfASlice() throws BadRecordException {
        assertThat(Changes.of(tombstone(new SliceKey.OfTorrent(torrent(1), 2))))
                .contains(new Change.Withdrawn(torrent(1), 2));
    }

    @Test
    void aTombstoneOfAMagnetChangesNothing() throws BadRecordException {
        assertThat(Changes.of(tombstone(new SliceKey.OfResolve(new UUID(0, 1)))))
                .isEmpty();
    }

    private static ConsumerRecord<String, byte[]> tombstone(SliceKey key) {
        return new ConsumerRecord<>(Topic.STATUS_NAME, 0, 0, key.toString(), null);
    }
}
