package io.shoal.intake.api;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.bencode.PagedBytes;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Wanted;
import io.shoal.embedded.test.HeavyInfo;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.infos.InfoStores;
import io.shoal.objectstore.MemoryBudget;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The program that {@link SmallHeapTest} runs in a small heap. */
final class SmallHeap {
    private static final int FILE_PAGES = 50;
    private static final int SUBMISSIONS = 8;
    private static final long PATIENCE_MILLIS = 60_000;

    private SmallHeap() {}

    public static void main(String[] args) throws Exception {
        MemoryBudget budget = MemoryBudget.ofHeap(PATIENCE_MILLIS);
        for (HeavyInfo heavy : HeavyInfo.values()) {
            ByteBuffer info = heavy.ofBytes(8 << 20);
            report("parsed " + heavy, run(SUBMISSIONS, () -> submit(budget, info.duplicate())));
        }
        for (HeavyInfo heavy : EnumSet.of(HeavyInfo.FILES, HeavyInfo.PIECES, HeavyInfo.SEGMENTS)) {
            InfoStore infos = InfoStores.over(heavy.ofBytes(32 << 20), budget, 32 << 20);
            ObjectKeys keys = new ObjectKeys(TorrentId.of("small heap", InfoHash.of(new byte[20])), new Generation(1));
            report("listed " + heavy, run(FILE_PAGES, () -> list(infos, keys)));
        }
    }

    private static String submit(MemoryBudget budget, ByteBuffer info) {
        byte[] head = "d4:info".getBytes(StandardCharsets.US_ASCII);
        byte[] torrent = new byte[head.length + info.remaining() + 1];
        ByteBuffer.wrap(torrent).put(head).put(info).put((byte) 'e');
        try {
            return budget.with(
                                    Info.cost(torrent.length),
                                    () -> FileLayout.of(Metainfo.parse(PagedBytes.of(torrent))
                                            .info()))
                            .files()
                            .size()
                    + " files";
        } catch (MetainfoException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String list(InfoStore infos, ObjectKeys keys) throws Exception {
        FilePage page = FilePage.of(infos.read(keys), Wanted.ALL, new BitSet(), 0, 1_000);
        return page.items().size() + " files";
    }

    /** Runs {@code work} in {@code threads} threads at one time; what one of them gave. */
    private static String run(int threads, Callable<String> work) throws Exception {
        long before = System.nanoTime();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<String>> results = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                results.add(executor.submit(work));
            }
            String last = "";
            for (Future<String> result : results) {
                last = result.get();
            }
            return last + " in " + (System.nanoTime() - before) / 1_000_000 + " ms";
        }
    }

    private static void report(String what, String result) {
        long peak = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP) {
                peak += pool.getPeakUsage().getUsed();
                pool.resetPeakUsage();
            }
        }
        System.out.println(what + ": " + result + ", at most " + (peak >> 20) + " MiB of heap");
    }
}
