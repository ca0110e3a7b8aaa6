package io.shoal.intake.api;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.shoal.intake.transfers.TransferCounts;
import io.shoal.intake.transfers.TransferCounts.Counts;
import io.shoal.intake.transfers.VisibleLibrary;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Keeps the counts of a library's transfers for 5 seconds, and for 20 times as long as it took to count them if that is longer, and a counting
 * that failed likewise, so that however often clients ask, the database counts a library for a twentieth of the time at most. Requests that come meanwhile wait for
 * the one that counts.
 */
@ApplicationScoped
class CountedTransfers {
    private static final Duration KEPT = Duration.ofSeconds(5);
    private static final int PAUSE = 20;

    /** Counts that are kept in all, of labels and categories. */
    private static final long WEIGHT = 200_000;

    private final Function<VisibleLibrary, Counts> counting;
    private final Ticker ticker;
    private final AsyncCache<VisibleLibrary, Outcome> cache;

    @Inject
    CountedTransfers(TransferCounts counts) {
        this(counts::count, Ticker.systemTicker());
    }

    CountedTransfers(Function<VisibleLibrary, Counts> counting, Ticker ticker) {
        this.counting = counting;
        this.ticker = ticker;
        this.cache = Caffeine.newBuilder()
                .maximumWeight(WEIGHT)
                .weigher((VisibleLibrary library, Outcome outcome) -> outcome.weight())
                .expireAfter(Expiry.creating((VisibleLibrary library, Outcome outcome) -> kept(outcome.took())))
                .ticker(ticker)
                .buildAsync();
    }

    /** What came of counting, and how long it took. */
    private sealed interface Outcome {
        Duration took();

        int weight();

        Counts counts();
    }

    private record Counted(Counts counts, Duration took) implements Outcome {
        @Override
        public int weight() {
            return 10 + counts.labels().size() + counts.categories().size();
        }
    }

    private record Failed(RuntimeException cause, Duration took) implements Outcome {
        @Override
        public int weight() {
            return 10;
        }

        @Override
        public Counts counts() {
            throw cause;
        }
    }

    /** Returns how long counts are kept that it took so long to count. */
    static Duration kept(Duration took) {
        Duration pause = took.multipliedBy(PAUSE);
        return pause.compareTo(KEPT) > 0 ? pause : KEPT;
    }

    Counts of(VisibleLibrary library) {
        CompletableFuture<Outcome> mine = new CompletableFuture<>();
        CompletableFuture<Outcome> there = cache.asMap().putIfAbsent(library, mine);
        if (there != null) {
            return await(there).counts();
        }
        try {
            Outcome outcome = count(library);
            mine.complete(outcome);
            return outcome.counts();
        } catch (Error e) {
            mine.completeExceptionally(e); // and is not kept
            throw e;
        }
    }

    private Outcome count(VisibleLibrary library) {
        long start = ticker.read();
        try {
            Counts counts = counting.apply(library);
            return new Counted(counts, Duration.ofNanos(ticker.read() - start));
        } catch (RuntimeException e) {
            return new Failed(e, Duration.ofNanos(ticker.read() - start));
        }
    }

    private static Outcome await(CompletableFuture<Outcome> counted) {
        try {
            return counted.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }
}
