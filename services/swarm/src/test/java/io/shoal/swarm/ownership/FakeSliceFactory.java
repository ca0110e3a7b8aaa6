package io.shoal.swarm.ownership;

import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Starts fakes, and remembers those of each slice. */
final class FakeSliceFactory implements SliceFactory {
    private final Map<SliceKey, List<FakeSlice>> runs = new ConcurrentHashMap<>();

    /** Is run whenever a slice is handed over. */
    volatile Runnable handingOver = () -> {};

    @Override
    public Slice start(SliceKey key, SliceRecord wanted, @Nullable StatusRecord last, long epoch) {
        FakeSlice run = new FakeSlice(wanted, last, epoch, () -> handingOver.run());
        runs.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>()).add(run);
        return run;
    }

    List<FakeSlice> runs(SliceKey key) {
        return runs.getOrDefault(key, List.of());
    }

    FakeSlice await(SliceKey key) {
        Awaitility.await().atMost(OwnershipTest.PATIENCE).until(() -> !runs(key).isEmpty());
        return runs(key).getLast();
    }
}
