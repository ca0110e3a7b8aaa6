package io.shoal.storage.purge;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.objectstore.ObjectStore;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.Sample;
import io.shoal.storage.TestServers;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

@PlatformTest
class SweepTest {
    @Inject
    TestServers servers;

    @Inject
    ObjectStore store;

    @Inject
    Sweep sweep;

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

        assertThat(sweep.sweep())
                .contains(new StoredKeys.Owner(unknown.torrent(), unknown.generation()))
                .doesNotContain(new StoredKeys.Owner(dead.torrent(), dead.generation()));

        servers.hear(dead.torrent(), ContentRecord.Purged.class, 2);
        assertThat(servers.objects(dead)).isEmpty();
        assertThat(servers.objects(unknown)).containsExactly(unknown.keys().segment(new SegmentIndex(0)));
    }
}
