package io.shoal.intake.api;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.shoal.intake.transfers.TransferCounts;
import io.shoal.intake.transfers.TransferCounts.Counts;
import io.shoal.intake.transfers.VisibleLibrary;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Keeps the counts of a library's transfers for 5 seconds, and for 20 times as long as it took to count them if that is longer, so that
 * however often clients ask, the database counts a library for a twentieth of the time at most. Requests that come meanwhile wait for
 * the one that counts.
 */
@ApplicationScoped
class CountedTransfers {
    private static final Duration KEPT = Duration.ofSeconds(5);
    private static final int PAUSE = 20;

    /** Counts that are kept in all, of labels and categories. */
    private static final long WEIGHT = 200_000;

    private final TransferCounts counts;
    private final AsyncCache<VisibleLibrary, Counted> cache = Caffeine.newBuilder()
            .maximumWeight(WEIGHT)
            .weigher((VisibleLibrary library, Counted counted) -> counted.weight())
            .expireAfter(Expiry.creating((VisibleLibrary library, Counted counted) -> kept(counted.took)))
            .buildAsync();

    CountedTransfers(TransferCounts counts) {
        this.counts = counts;
    }

    private record Counted(Counts counts, Duration took) {
        int weight() {
            return 10 + counts.labels().size() + counts.categories().size();
        }
    }

    /** Returns how long counts are kept that it took so long to count. */
    static Duration kept(Duration took) {
        Duration pause = took.multipliedBy(PAUSE);
        return pause.compareTo(KEPT) > 0 ? pause : KEPT;
    }

    Counts of(VisibleLibrary library) {
        CompletableFuture<Counted> mine = new CompletableFuture<>();
        CompletableFuture<Counted> there = cache.asMap().putIfAbsent(library, mine);
        if (there != null) {
            return await(there);
        }
        try {
            long start = System.nanoTime();
            Counts counted = counts.count(library);
            mine.complete(new Counted(counted, Duration.ofNanos(System.nanoTime() - start)));
            return counted;
        } catch (RuntimeException e) {
            mine.completeExceptionally(e); // and is not kept
            throw e;
        }
    }

    private static Counts await(CompletableFuture<Counted> counted) {
        try {
            return counted.join().counts;
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
