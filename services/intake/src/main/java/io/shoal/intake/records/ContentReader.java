package io.shoal.intake.records;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.records.Json;
import io.shoal.intake.planning.LostSegmentHandler;
import io.shoal.intake.torrents.TorrentLifecycle;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/** Reads storage's records about content, each in one replica, and again from the last commit after a crash. */
@ApplicationScoped
class ContentReader {
    private static final Logger LOG = Logger.getLogger(ContentReader.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final TorrentLifecycle lives;
    private final LostSegmentHandler losses;
    private final DeadLetters deadLetters;
    private final ChannelReader reader;

    ContentReader(
            TorrentLifecycle lives,
            LostSegmentHandler losses,
            DeadLetters deadLetters,
            @Channel("content") Multi<Message<byte[]>> records) {
        this.lives = lives;
        this.losses = losses;
        this.deadLetters = deadLetters;
        this.reader = new ChannelReader("content", records, this::read);
    }

    /** Begins to read. The topic must exist. */
    void start() {
        reader.start();
    }

    private void read(ConsumerRecord<String, byte[]> record) throws InterruptedException {
        TorrentId torrent;
        ContentRecord content;
        try {
            torrent = new TorrentId(record.key() == null ? "" : record.key());
            content = Json.read(record.value() == null ? new byte[0] : record.value(), ContentRecord.class);
        } catch (IllegalArgumentException e) {
            deadLetters.deadLetter(record, "the key is not that of a torrent");
            return;
        } catch (BadRecordException e) {
            deadLetters.deadLetter(record, String.valueOf(e.getMessage()));
            return;
        }
        while (!isActedUpon(torrent, content)) {
            Thread.sleep(PAUSE);
        }
    }

    private boolean isActedUpon(TorrentId torrent, ContentRecord content) {
        try {
            switch (content) {
                case ContentRecord.Purged purged -> lives.purged(torrent, purged.gen());
                case ContentRecord.Lost lost -> losses.lost(torrent, lost.gen());
                case ContentRecord.Assembled assembled ->
                    LOG.debugf("file %d of %s is assembled", assembled.file(), torrent);
            }
            return true;
        } catch (RuntimeException e) { // most likely the database is away: this partition waits, nothing is lost
            LOG.warnf("what storage says of %s waits to be acted upon: %s", torrent, e);
            return false;
        }
    }
}
