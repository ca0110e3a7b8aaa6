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
    Neighbours neighbours;

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
        neighbours.plan(removed, 1);
        neighbours.plan(other, 1);
        neighbours.download(removed);
        neighbours.hear(removed.torrent(), ContentRecord.Assembled.class, 1);
        store.put(removed.keys().spill(new SegmentIndex(0), UUID.randomUUID()), ByteBuffer.wrap(new byte[] {1, 2, 3}));
        store.put(next.keys().info(), ByteBuffer.wrap(next.info().bytes()));

        neighbours.remove(removed, 2);

        assertThat(neighbours.hear(removed.torrent(), ContentRecord.Purged.class, 1))
                .containsExactly(new ContentRecord.Purged(1, removed.generation()));
        assertThat(neighbours.objects(removed)).isEmpty();
        assertThat(neighbours.objects(next)).containsExactly(next.keys().info());
        assertThat(neighbours.objects(other)).containsExactly(other.keys().info());
    }

    @Test
    void aPurgeIsReportedAgainWhenItIsAskedForAgain() throws Exception {
        Sample sample = Sample.of(1_000);
        neighbours.plan(sample, 1);
        neighbours.download(sample);
        neighbours.remove(sample, 2);
        neighbours.hear(sample.torrent(), ContentRecord.Purged.class, 1);
        neighbours.remove(sample, 2);
        neighbours.hear(sample.torrent(), ContentRecord.Purged.class, 2);
    }

    @Test
    void aHigherGenerationDeclaresThoseBeforeItDead() throws Exception {
        Sample old = Sample.of(1_000, SEGMENT);
        Sample next = old.reborn();
        neighbours.plan(old, 1);
        neighbours.download(old);
        neighbours.hear(old.torrent(), ContentRecord.Assembled.class, 1);

        neighbours.plan(next, 2);
        neighbours.download(next);
        neighbours.tell(old, 9, 0, 0);

        assertThat(neighbours.hear(old.torrent(), ContentRecord.Purged.class, 1))
                .containsExactly(new ContentRecord.Purged(1, old.generation()));
        neighbours.hear(old.torrent(), ContentRecord.Assembled.class, 2);
        assertThat(neighbours.objects(old)).isEmpty();
        assertThat(neighbours.objects(next))
                .contains(next.keys().info(), next.keys().file(new FileIndex(1)));
    }

    @Test
    void aRemovalThatWasOvertakenIsIgnored() throws Exception {
        Sample sample = Sample.of(SEGMENT);
        neighbours.plan(sample, 5);
        neighbours.remove(sample, 4);
        neighbours.download(sample);
        neighbours.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
        assertThat(neighbours.heard(sample.torrent(), ContentRecord.Purged.class))
                .isEmpty();
    }

    @Test
    void anUploadThatIsOpenIsAborted() throws Exception {
        Sample sample = Sample.of(2 * SEGMENT);
        neighbours.plan(sample, 1);
        neighbours.store(sample, 0, 1);
        String key = sample.keys().file(new FileIndex(0));
        String upload = store.beginUpload(key);
        String part = store.copyPart(key, upload, 1, sample.keys().segment(new SegmentIndex(0)));
        jdbi.useHandle(handle -> handle.execute(
                """
                insert into job (kind, torrent, generation, file, due, attempts, upload)
                values ('ASSEMBLE', ?, ?, 0, now() + interval '1 hour', 1, ?)""", sample.torrent().value(), sample.generation().value(), upload));

        neighbours.remove(sample, 2);

        neighbours.hear(sample.torrent(), ContentRecord.Purged.class, 1);
        assertThat(neighbours.objects(sample)).isEmpty();
        assertThatExceptionOfType(NoSuchObjectException.class)
                .isThrownBy(() -> store.completeUpload(key, upload, List.of(part)));
    }

    @Test
    void aPurgeWaitsForTheStoreAndSaysNothingBefore() throws Exception {
        Sample sample = Sample.of(1_000);
        neighbours.plan(sample, 1);
        neighbours.download(sample);
        faults.setDown(true);
        neighbours.remove(sample, 2);
        await().until(() -> jdbi.withHandle(handle -> handle.createQuery(
                        "select exists (select from job where torrent = :torrent and kind = 'PURGE' and attempts > 0)")
                .bind("torrent", sample.torrent().value())
                .mapTo(Boolean.class)
                .one()));
        assertThat(neighbours.heard(sample.torrent(), ContentRecord.Purged.class))
                .isEmpty();
        faults.setDown(false);

        neighbours.hear(sample.torrent(), ContentRecord.Purged.class, 1);
        assertThat(neighbours.objects(sample)).isEmpty();
    }
}
