package io.shoal.storage.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.objectstore.ObjectStore;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.TestSchema;
import io.shoal.storage.catalog.Catalog;
import io.shoal.storage.catalog.SegmentLayouts;
import io.shoal.storage.jobs.Job;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.JobQueue;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Plans in the real database, in a schema where the service under test takes no job. */
@PlatformTest
class PlanningTest {
    private static final int SEGMENT = 16 << 20;
    private static final int FILES = Planning.MOST_QUEUED + 4;

    @Inject
    ObjectStore store;

    @Inject
    SegmentLayouts layouts;

    private TestSchema schema;
    private Jdbi database;
    private Planning planning;

    @BeforeEach
    void create() throws Exception {
        schema = new TestSchema("planning_test");
        database = schema.database();
        planning = new Planning(new Catalog(database), layouts, new JobQueue(database), database);
    }

    @AfterEach
    void drop() {
        schema.close();
    }

    @Test
    void aTorrentHasAFewAssembliesAtATimeUntilItHasAll() throws Exception {
        Job plan = plan(completeTorrent());
        planning.perform(plan);
        assertThat(count("kind = 'ASSEMBLE'")).isEqualTo(Planning.MOST_QUEUED);
        assertThat(
                        count(
                                "kind = 'PLAN' and lease_owner is null and due > (select max(due) from job where kind = 'ASSEMBLE')"))
                .as("it comes after them")
                .isEqualTo(1);

        planning.perform(leased(plan));
        assertThat(count("kind = 'ASSEMBLE'")).as("none has ended").isEqualTo(Planning.MOST_QUEUED);

        database.useHandle(handle -> {
            handle.execute("""
                    insert into assembled (torrent, generation, file, size)
                    select torrent, generation, file, 1 from job where kind = 'ASSEMBLE' and file < 10""");
            handle.execute("delete from job where kind = 'ASSEMBLE' and file < 10");
        });
        planning.perform(leased(plan));
        assertThat(count("kind = 'ASSEMBLE'")).isEqualTo(FILES - 10);
        assertThat(count("kind = 'PLAN'")).as("all are enqueued").isZero();
    }

    /** Returns a leased plan of a torrent of large files, which are all stored. */
    private Job plan(Info info) throws Exception {
        TorrentId torrent = TorrentId.of("planning", info.hash());
        Generation generation = new Generation(1);
        String infoKey = new ObjectKeys(torrent, generation).info();
        store.put(infoKey, ByteBuffer.wrap(info.bytes()));
        BitSet stored = new BitSet();
        stored.set(0, FILES);
        database.useHandle(handle -> {
            handle.execute(
                    "insert into torrent (id, generation, rev, removed, info_key) values (?, 1, 1, false, ?)",
                    torrent.value(),
                    infoKey);
            handle.execute(
                    "insert into stored (torrent, generation, slice, epoch, checked, segments, lost) values (?, 1, 0, 1, 0, ?, ?)",
                    torrent.value(),
                    stored.toByteArray(),
                    new byte[0]);
            handle.execute(
                    "insert into job (kind, priority, torrent, generation, file, due) values ('PLAN', 1, ?, 1, -1, now())",
                    torrent.value());
        });
        long id = database.withHandle(handle ->
                handle.createQuery("select id from job").mapTo(Long.class).one());
        return leased(new Job(id, JobKind.PLAN, torrent, generation, null, null, 0, 1, null));
    }

    private Job leased(Job job) {
        UUID lease = UUID.randomUUID();
        database.useHandle(handle -> handle.execute(
                "update job set lease_owner = ?, lease_until = now() + interval '1 hour' where id = ?",
                lease,
                job.id()));
        return new Job(job.id(), job.kind(), job.torrent(), job.generation(), null, null, job.version(), 1, lease);
    }

    private static Info completeTorrent() throws Exception {
        byte[] content = new byte[SEGMENT];
        MetainfoBuilder builder = MetainfoBuilder.named("many large files").pieceLength(SEGMENT);
        for (int file = 0; file < FILES; file++) {
            builder.add(List.of("file " + file), content);
        }
        return builder.build().info();
    }

    private int count(String condition) {
        return database.withHandle(handle -> handle.createQuery("select count(*) from job where " + condition)
                .mapTo(Integer.class)
                .one());
    }
}
