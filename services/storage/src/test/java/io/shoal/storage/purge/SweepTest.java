package io.shoal.storage.purge;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.objectstore.ObjectStore;
import io.shoal.storage.FaultyDatabase;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.Sample;
import io.shoal.storage.TestIds;
import io.shoal.storage.TestSchema;
import io.shoal.storage.TestServers;
import io.shoal.storage.catalog.TorrentGeneration;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@PlatformTest
class SweepTest {
    @Inject
    TestServers servers;

    @Inject
    ObjectStore store;

    @Inject
    Sweep sweep;

    @Inject
    FaultyDatabase database;

    @Test
    void whatADeadWorkerLeftIsPurgedAgainAndWhatNobodyKnowsIsReportedAndKept() throws Exception {
        Sample dead = Sample.of(1_000);
        servers.plan(dead, 1);
        servers.remove(dead, 2);
        servers.hear(dead.torrent(), ContentRecord.Purged.class, 1);
        Sample unknown = Sample.of(1_000);
        for (Sample sample : new Sample[] {dead, unknown}) {
            store.put(sample.keys().segment(new SegmentIndex(0)), ByteBuffer.wrap(sample.segment(0)));
        }

        Set<TorrentGeneration> reported = new HashSet<>();
        sweep.sweep(reported::add);

        assertThat(reported)
                .contains(new TorrentGeneration(unknown.torrent(), unknown.generation()))
                .doesNotContain(new TorrentGeneration(dead.torrent(), dead.generation()));

        servers.hear(dead.torrent(), ContentRecord.Purged.class, 2);
        assertThat(servers.objects(dead)).isEmpty();
        assertThat(servers.objects(unknown)).containsExactly(unknown.keys().segment(new SegmentIndex(0)));
    }

    @Test
    void manyOwnersTakeOneQuery() throws Exception {
        Set<TorrentGeneration> owners = new HashSet<>();
        for (int number = 0; number < 100; number++) {
            TorrentGeneration owner = new TorrentGeneration(TestIds.torrent(number), new Generation(7));
            owners.add(owner);
            for (int segment = 0; segment < 2; segment++) {
                store.put(
                        new ObjectKeys(owner.torrent(), owner.generation()).segment(new SegmentIndex(segment)),
                        ByteBuffer.wrap(new byte[1]));
            }
        }
        String thread = Thread.currentThread().getName();
        long before = database.statements(thread);
        List<TorrentGeneration> reported = new ArrayList<>();

        sweep.sweep(reported::add);

        assertThat(database.statements(thread) - before).isLessThan(10);
        assertThat(reported).containsAll(owners).doesNotHaveDuplicates();
    }

    @Test
    void oneProcessSweepsAtATimeAndAnotherGoesOnWhenItIsGone() throws Exception {
        try (TestSchema schema = new TestSchema("sweep_test")) {
            Jdbi tables = schema.database();
            SweepLease first = new SweepLease(tables);
            SweepLease second = new SweepLease(tables);
            assertThat(first.take()).as("not due").isFalse();
            tables.useHandle(handle -> handle.execute("update sweep set due = now()"));
            assertThat(List.of(first.take(), second.take(), first.renew(), second.renew()))
                    .containsExactly(true, false, true, false);

            tables.useHandle(handle -> handle.execute("update sweep set lease_until = now() - interval '1 second'"));
            assertThat(List.of(second.take(), first.renew(), second.renew())).containsExactly(true, false, true);

            first.end(Duration.ZERO);
            assertThat(first.take()).as("it ends no sweep of another").isFalse();
            second.end(Duration.ofDays(1));
            assertThat(List.of(first.take(), second.take())).containsExactly(false, false);
        }
    }
}
