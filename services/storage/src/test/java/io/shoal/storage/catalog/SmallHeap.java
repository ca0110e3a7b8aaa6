package io.shoal.storage.catalog;

import io.shoal.embedded.test.HeavyInfo;
import io.shoal.objectstore.MemoryBudget;
import io.shoal.objectstore.ObjectStore;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The program that {@link SmallHeapTest} runs in a small heap: it does what PLAN jobs and links need of the largest info dictionaries. */
final class SmallHeap {
    private static final int TORRENTS = 8;
    private static final int READERS = 4;
    private static final long PATIENCE_MILLIS = 60_000;

    private SmallHeap() {}

    public static void main(String[] args) throws Exception {
        for (HeavyInfo heavy : List.of(HeavyInfo.FILES, HeavyInfo.PIECES, HeavyInfo.SEGMENTS)) {
            plan(heavy);
        }
    }

    /** Several torrents of one kind, each of them planned by several threads at one time. */
    private static void plan(HeavyInfo heavy) throws Exception {
        SegmentLayouts layouts =
                new SegmentLayouts(storeOf(heavy.ofBytes(32 << 20)), MemoryBudget.ofHeap(PATIENCE_MILLIS));
        long before = System.nanoTime();
        long files = 0;
        try (ExecutorService executor = Executors.newFixedThreadPool(TORRENTS * READERS)) {
            List<Future<Long>> results = new ArrayList<>();
            for (int i = 0; i < TORRENTS * READERS; i++) {
                String key = "torrent " + i % TORRENTS;
                results.add(executor.submit(() -> layouts.get(key).assemblable().count()));
            }
            for (Future<Long> result : results) {
                files = result.get();
            }
        }
        long peak = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP) {
                peak += pool.getPeakUsage().getUsed();
                pool.resetPeakUsage();
            }
        }
        System.out.printf(
                "planned %s: %d large files in %d ms, at most %d MiB of heap%n",
                heavy, files, (System.nanoTime() - before) / 1_000_000, peak >> 20);
    }

    /** An object store that has {@code info} at every key. */
    private static ObjectStore storeOf(ByteBuffer info) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "size" -> OptionalLong.of(info.remaining());
                    case "read" -> ((ByteBuffer) arguments[2]).put(info.duplicate());
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
