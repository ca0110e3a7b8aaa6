package io.shoal.storage.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.storage.FaultyStore;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.Sample;
import io.shoal.storage.TestServers;
import io.shoal.storage.jobs.Work;
import jakarta.inject.Inject;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@PlatformTest
class PartsTest {
    @Inject
    TestServers servers;

    @Inject
    FaultyStore store;

    @Test
    void noPartIsBegunOnceTheProcessEnds() throws Exception {
        Sample sample = Sample.of(3 << 24);
        servers.store(sample, 0, 1, 2);
        FileIndex file = new FileIndex(0);
        FilePlace.Large place = (FilePlace.Large) sample.geometry().place(file);
        String key = sample.keys().file(file);
        String upload = store.beginUpload(key);
        int before = store.copies();
        AtomicInteger asked = new AtomicInteger();

        assertThatExceptionOfType(Work.TryAgainException.class)
                .isThrownBy(() ->
                        new Parts(store, sample.keys(), file, place).copy(upload, () -> asked.incrementAndGet() > 1));

        assertThat(store.copies()).isEqualTo(before + 1);
        store.abortUpload(key, upload);
    }
}
