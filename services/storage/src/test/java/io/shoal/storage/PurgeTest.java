package io.shoal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@PlatformTest
class PurgeTest {
    private static final int SEGMENT = 16 << 20;

    @Inject
    TestServers servers;

    @Inject
    ObjectStore store;

    @Inject
    FaultyStore faults;

    @Inject
    Jdbi jdbi;

    @AfterEach
    void heal() {
        faults.setDown(false);
    }

    @Test
    void aRemovedTorrentLeavesNothingAndNothingElseIsTouched() throws Exception {
        Sample removed = Sample.of(1_000, SEGMENT + 1, 2_000);
        Sample other = Sample.of(1_000);
        Sample next = removed.reborn();
        servers.plan(removed, 1);
        servers.plan(other, 1);
        servers.download(removed);
        servers.hear(removed.torrent(), ContentRecord.Assembled.class, 1);
        store.put(removed.keys().spill(new SegmentIndex(0), UUID.randomUUID()), ByteBuffer.wrap(new byte[] {1, 2, 3}));
        store.put(next.keys().info(), ByteBuffer.wrap(next.info().bytes()));

        servers.remove(removed, 2);

        assertThat(servers.hear(removed.torrent(), ContentRecord.Purged.class, 1))
                .containsExactly(new ContentRecord.Purged(1, removed.generation()));
        assertThat(servers.objects(removed)).isEmpty();
        assertThat(servers.objects(next)).containsExactly(next.keys().info());
        assertThat(servers.objects(other)).containsExactly(other.keys().info());
    }

    @Test
    void aPurgeIsReportedAgainWhenItIsAskedForAgain() throws Exception {
        Sample sample = Sample.of(1_000);
        servers.plan(sample, 1);
        servers.download(sample);
        servers.remove(sample, 2);
        servers.hear(sample.torrent(), ContentRecord.Purged.class, 1);
        servers.remove(sample, 2);
        servers.hear(sample.torrent(), ContentRecord.Purged.class, 2);
    }

    @Test
    void aHigherGenerationDeclaresThoseBeforeItDead() throws Exception {
        Sample old = Sample.of(1_000, SEGMENT);
        Sample next = old.reborn();
        servers.plan(old, 1);
        servers.download(old);
        servers.hear(old.torrent(), ContentRecord.Assembled.class, 1);

        servers.plan(next, 2);
        servers.download(next);
        servers.publishStatus(old, 9, 0, 0);

        assertThat(servers.hear(old.torrent(), ContentRecord.Purged.class, 1))
                .containsExactly(new ContentRecord.Purged(1, old.generation()));
        servers.hear(old.torrent(), ContentRecord.Assembled.class, 2);
        assertThat(servers.objects(old)).isEmpty();
        assertThat(servers.objects(next))
                .contains(next.keys().info(), next.keys().file(new FileIndex(1)));
    }

    @Test
    void aRemovalThatWasOvertakenIsIgnored() throws Exception {
        Sample sample = Sample.of(SEGMENT);
        servers.plan(sample, 5);
        servers.remove(sample, 4);
        servers.download(sample);
        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
        assertThat(servers.heard(sample.torrent(), ContentRecord.Purged.class)).isEmpty();
    }

    @Test
    void anUploadThatIsOpenIsAborted() throws Exception {
        Sample sample = Sample.of(2 * SEGMENT);
        servers.plan(sample, 1);
        servers.store(sample, 0, 1);
        String key = sample.keys().file(new FileIndex(0));
        String upload = store.beginUpload(key);
        String part = store.copyPart(key, upload, 1, sample.keys().segment(new SegmentIndex(0)));
        jdbi.useHandle(handle -> handle.execute(
                """
                insert into job (kind, priority, torrent, generation, file, due, attempts, upload)
                values ('ASSEMBLE', 1, ?, ?, 0, now() + interval '1 hour', 1, ?)""", sample.torrent().value(), sample.generation().value(), upload));

        servers.remove(sample, 2);

        servers.hear(sample.torrent(), ContentRecord.Purged.class, 1);
        assertThat(servers.objects(sample)).isEmpty();
        assertThatExceptionOfType(NoSuchObjectException.class)
                .isThrownBy(() -> store.completeUpload(key, upload, List.of(part)));
    }

    @Test
    void aPurgeWaitsForTheStoreAndSaysNothingBefore() throws Exception {
        Sample sample = Sample.of(1_000);
        servers.plan(sample, 1);
        servers.download(sample);
        faults.setDown(true);
        servers.remove(sample, 2);
        await().until(() -> jdbi.withHandle(handle -> handle.createQuery(
                        "select exists (select from job where torrent = :torrent and kind = 'PURGE' and attempts > 0)")
                .bind("torrent", sample.torrent().value())
                .mapTo(Boolean.class)
                .one()));
        assertThat(servers.heard(sample.torrent(), ContentRecord.Purged.class)).isEmpty();
        faults.setDown(false);

        servers.hear(sample.torrent(), ContentRecord.Purged.class, 1);
        assertThat(servers.objects(sample)).isEmpty();
    }
}
