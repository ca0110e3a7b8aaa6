package io.shoal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@PlatformTest
class AssemblyTest {
    private static final int SEGMENT = 16 << 20;

    @Inject
    TestServers servers;

    @Inject
    ObjectStore store;

    @Inject
    FaultyStore faults;

    @Inject
    FaultyDatabase database;

    @Inject
    Jdbi jdbi;

    @AfterEach
    void heal() {
        faults.setDown(false);
        database.setDown(false);
    }

    @Test
    void aLargeFileBecomesOneExactObjectAndItsSegmentsGoAfterTheGrace() throws Exception {
        Sample sample = Sample.of(5_000, 2 * SEGMENT + 123, SEGMENT, 70_000);
        servers.plan(sample, 1);
        servers.store(sample, 0, 1, 2, 3, 4, 5);
        servers.publishStatus(sample, 1, 0, 0, 1, 2);
        servers.publishStatus(sample, 1, 0, 0, 1, 2, 3, 4, 5);

        List<ContentRecord.Assembled> told = servers.hear(sample.torrent(), ContentRecord.Assembled.class, 2);
        assertThat(told)
                .containsExactlyInAnyOrder(assembled(sample, 1, 2 * SEGMENT + 123), assembled(sample, 2, SEGMENT));
        assertThat(store.get(sample.keys().file(new FileIndex(1)), 3 * SEGMENT)).isEqualTo(sample.content(1));
        assertThat(store.get(sample.keys().file(new FileIndex(2)), SEGMENT)).isEqualTo(sample.content(2));
        await().untilAsserted(() -> assertThat(servers.objects(sample))
                .containsExactlyInAnyOrder(
                        sample.keys().info(),
                        sample.keys().file(new FileIndex(1)),
                        sample.keys().file(new FileIndex(2)),
                        sample.keys().segment(new SegmentIndex(0)),
                        sample.keys().segment(new SegmentIndex(5))));
    }

    @Test
    void statusMayComeBeforeTheTorrent() throws Exception {
        Sample sample = Sample.of(SEGMENT + 1);
        servers.download(sample);
        servers.plan(sample, 1);

        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
        assertThat(store.get(sample.keys().file(new FileIndex(0)), 2 * SEGMENT)).isEqualTo(sample.content(0));
    }

    @Test
    void anAssemblyWhoseProcessDiedIsTakenOverAndItsUploadAborted() throws Exception {
        Sample sample = Sample.of(2 * SEGMENT);
        servers.store(sample, 0, 1);
        String key = sample.keys().file(new FileIndex(0));
        String abandoned = store.beginUpload(key);
        String part = store.copyPart(key, abandoned, 1, sample.keys().segment(new SegmentIndex(0)));
        jdbi.useHandle(handle -> handle.execute(
                """
                insert into job (kind, priority, torrent, generation, file, due, attempts, upload, lease_owner, lease_until)
                values ('ASSEMBLE', 1, ?, ?, 0, now(), 1, ?, ?, now() + interval '2 seconds')""", sample.torrent().value(), sample.generation().value(), abandoned, UUID.randomUUID()));

        servers.plan(sample, 1);
        servers.publishStatus(sample, 1, 0, 0, 1);

        assertThat(servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1))
                .containsExactly(assembled(sample, 0, 2 * SEGMENT));
        assertThat(store.get(key, 2 * SEGMENT)).isEqualTo(sample.content(0));
        assertThatExceptionOfType(NoSuchObjectException.class)
                .isThrownBy(() -> store.completeUpload(key, abandoned, List.of(part)));
    }

    @Test
    void aCatalogThatWasLostIsRebuiltWithoutCopyingAnythingAgain() throws Exception {
        Sample sample = Sample.of(2 * SEGMENT);
        servers.plan(sample, 1);
        servers.download(sample);
        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
        await().untilAsserted(() -> assertThat(servers.objects(sample)).hasSize(2));
        int copies = faults.copies();

        for (String table : List.of("stored", "assembled")) {
            jdbi.useHandle(handle -> handle.execute(
                    "delete from " + table + " where torrent = ?",
                    sample.torrent().value()));
        }
        jdbi.useHandle(handle -> handle.execute(
                "delete from torrent where id = ?", sample.torrent().value()));
        jdbi.useHandle(handle -> handle.execute("delete from consumer_offset"));
        servers.plan(sample, 1);
        servers.publishStatus(sample, 1, 0, 0, 1);

        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 2);
        assertThat(faults.copies()).isEqualTo(copies);
        assertThat(servers.heard(sample.torrent(), ContentRecord.Lost.class)).isEmpty();
    }

    @Test
    void aSegmentThatIsNotThereIsToldAndTheFileAssembledWhenItIsStoredAgain() throws Exception {
        Sample sample = Sample.of(2 * SEGMENT);
        servers.plan(sample, 1);
        servers.store(sample, 0);
        servers.publishStatus(sample, 1, 0, 0, 1);

        ContentRecord.Lost lost =
                servers.hear(sample.torrent(), ContentRecord.Lost.class, 1).getFirst();
        assertThat(lost.segments().toBitSet().stream()).containsExactly(1);

        servers.store(sample, 1);
        servers.publishStatus(sample, 2, 1, 0, 1);
        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
        assertThat(store.get(sample.keys().file(new FileIndex(0)), 2 * SEGMENT)).isEqualTo(sample.content(0));
    }

    @Test
    void whatAnOlderEpochSaysIsIgnored() throws Exception {
        Sample sample = Sample.of(SEGMENT + 1);
        servers.plan(sample, 1);
        servers.store(sample, 0, 1);
        servers.publishStatus(sample, 2, 0, 0);
        servers.publishStatus(sample, 1, 0, 0, 1);
        Sample later = Sample.of(SEGMENT);
        servers.plan(later, 1);
        servers.download(later);

        servers.hear(later.torrent(), ContentRecord.Assembled.class, 1);
        assertThat(servers.heard(sample.torrent(), ContentRecord.Assembled.class))
                .isEmpty();
        servers.publishStatus(sample, 2, 0, 0, 1);
        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
    }

    @Test
    void nothingIsMissedWhileStoreAndDatabaseAreDown() throws Exception {
        Sample sample = Sample.of(SEGMENT + 5);
        servers.store(sample, 0, 1);
        database.setDown(true); // before there is anything to do, or it could be done before the store is down too
        servers.plan(sample, 1);
        servers.publishStatus(sample, 1, 0, 0, 1);
        await().until(() -> database.hasRefused("catalog-reader"));
        faults.setDown(true);
        database.setDown(false);
        await().until(() -> jdbi.withHandle(handle -> handle.createQuery(
                                "select attempts from job where torrent = :torrent and kind = 'PLAN'")
                        .bind("torrent", sample.torrent().value())
                        .mapTo(Integer.class)
                        .findOne())
                .filter(attempts -> attempts > 0)
                .isPresent());
        faults.setDown(false);

        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
        assertThat(store.get(sample.keys().file(new FileIndex(0)), 2 * SEGMENT)).isEqualTo(sample.content(0));
    }

    @Test
    void aRecordThatCannotBeReadIsPutAsideAndTheNextOnesAreRead() throws Exception {
        byte[] bad = "{\"v\":1".getBytes(StandardCharsets.UTF_8);
        Sample sample = Sample.of(SEGMENT);
        servers.send(Topic.TORRENTS, sample.torrent().value(), bad);

        assertThat(servers.buried(sample.torrent().value())).satisfies(record -> {
            assertThat(record.value()).isEqualTo(bad);
            assertThat(TestServers.header(record, "topic")).isEqualTo(Topic.TORRENTS_NAME);
            assertThat(TestServers.header(record, "offset")).isNotEmpty();
            assertThat(TestServers.header(record, "reason")).contains("TorrentRecord");
        });
        servers.plan(sample, 1);
        servers.download(sample);
        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
    }

    @Test
    void aRecordThatIsTooLargeToBePutAsideDoesNotHoldUpTheNextOnes() throws Exception {
        Sample sample = Sample.of(SEGMENT);
        byte[] largest = new byte[2 * Topic.RECORD_BYTES - 176]; // which Kafka just takes
        servers.send(Topic.TORRENTS, sample.torrent().value(), largest);
        servers.plan(sample, 1);
        servers.download(sample);
        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
    }

    private static ContentRecord.Assembled assembled(Sample sample, int file, long size) {
        return new ContentRecord.Assembled(
                1, sample.generation(), file, sample.keys().file(new FileIndex(file)), size);
    }
}
