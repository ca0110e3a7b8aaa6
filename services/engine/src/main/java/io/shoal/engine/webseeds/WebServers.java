package io.shoal.engine.webseeds;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The web servers that all torrents of one engine ask.
 *
 * <p>Invariant: no host is used for more than {@link WebSeedLimits#PER_HOST} web seeds at once; a host that is used for none takes no memory.
 * Any thread.
 */
public final class WebServers {
    private final RangeClient client;
    private final Map<String, Integer> inUse = new ConcurrentHashMap<>();
    private final LongAdder received = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder excluded = new LongAdder();

    /**
     * What was counted since the engine began.
     *
     * @param received payload bytes
     * @param failed how often a web seed has failed and was left alone for a while
     * @param excluded how often one was found to be of no use
     */
    public record Counters(long received, long failed, long excluded) {}

    public WebServers(RangeClient client) {
        this.client = client;
    }

    /** Returns what sends the requests. */
    public RangeClient client() {
        return client;
    }

    /** Payload was received from a web seed. */
    public void countReceived(long bytes) {
        received.add(bytes);
    }

    /** A web seed has failed. */
    public void countFailed(boolean isExcluded) {
        (isExcluded ? excluded : failed).increment();
    }

    /** Returns what was counted. */
    public Counters counters() {
        return new Counters(received.sum(), failed.sum(), excluded.sum());
    }

    /** Takes a place at {@code host}. @return false if it has none */
    public boolean tryTake(String host) {
        boolean[] taken = new boolean[1];
        inUse.compute(host, (name, count) -> {
            int before = count == null ? 0 : count;
            taken[0] = before < WebSeedLimits.PER_HOST;
            return taken[0] ? Integer.valueOf(before + 1) : count;
        });
        return taken[0];
    }

    /** Gives a place back. */
    public void release(String host) {
        inUse.computeIfPresent(host, (name, count) -> count == 1 ? null : count - 1);
    }
}
