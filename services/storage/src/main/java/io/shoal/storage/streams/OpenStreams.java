package io.shoal.storage.streams;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.links.LinkToken;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * The streams of this replica. A tenant has at most a quarter of the places and a link a few of them, so that no reader can take
 * all; and readers that take nothing, or too little while places are scarce, lose theirs.
 */
@ApplicationScoped
public class OpenStreams {
    private static final Logger LOG = Logger.getLogger(OpenStreams.class);

    /** Places are scarce when more of them than this are in use. */
    private static final double SCARCE = 0.75;

    private final StreamLimits limits;
    private final MeterRegistry metrics;
    private final LongSupplier clock;

    private final Set<OpenStream> open = new HashSet<>();
    private final Map<UUID, Integer> byTenant = new HashMap<>();
    private final Map<LinkToken, Integer> byLink = new HashMap<>();

    @Inject
    OpenStreams(StreamLimits limits, MeterRegistry metrics) {
        this(limits, metrics, System::nanoTime);
    }

    OpenStreams(StreamLimits limits, MeterRegistry metrics, LongSupplier clock) {
        this.limits = limits;
        this.metrics = metrics;
        this.clock = clock;
        metrics.gauge("shoal.content.open", this, OpenStreams::size);
    }

    private synchronized int size() {
        return open.size();
    }

    /** Takes a place for a reader of {@code link}; the caller closes the stream. */
    public OpenStream open(LinkToken link) throws NoPlaceException {
        OpenStream stream = new OpenStream(this, link, clock);
        synchronized (this) {
            requireBelow(limits.places(), open.size(), "replica", "All places of this replica are in use.");
            requireBelow(
                    limits.tenantPlaces(),
                    byTenant.getOrDefault(link.tenant(), 0),
                    "tenant",
                    "All places of this tenant are in use.");
            requireBelow(
                    limits.linkPlaces(), byLink.getOrDefault(link, 0), "link", "All places of this link are in use.");
            open.add(stream);
            byTenant.merge(link.tenant(), 1, Integer::sum);
            byLink.merge(link, 1, Integer::sum);
        }
        return stream;
    }

    private void requireBelow(int most, int used, String share, String message) throws NoPlaceException {
        if (used >= most) {
            metrics.counter("shoal.content.busy", "share", share).increment();
            throw new NoPlaceException(message);
        }
    }

    synchronized void closed(OpenStream stream) {
        if (open.remove(stream)) {
            byTenant.computeIfPresent(stream.link().tenant(), (tenant, count) -> count == 1 ? null : count - 1);
            byLink.computeIfPresent(stream.link(), (link, count) -> count == 1 ? null : count - 1);
        }
    }

    private record Slow(OpenStream stream, double rate) {}

    /** Ends streams whose readers take nothing; while places are scarce, the slowest too. */
    @Scheduled(every = "${shoal.streams.inspection}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void inspect() {
        List<OpenStream> streams;
        Map<UUID, Integer> used;
        synchronized (this) {
            streams = new ArrayList<>(open);
            used = new HashMap<>(byTenant);
        }
        List<Slow> slow = new ArrayList<>();
        int all = streams.size();
        for (OpenStream stream : streams) {
            OptionalDouble rate = stream.rate(limits.slowPeriod());
            if (stream.ending() != null || stream.idle().compareTo(limits.idle()) >= 0) {
                end(stream, OpenStream.Ending.IDLE);
                used.merge(stream.link().tenant(), -1, Integer::sum);
                all--;
            } else if (rate.isPresent() && rate.getAsDouble() < limits.leastRate()) {
                slow.add(new Slow(stream, rate.getAsDouble()));
            }
        }
        slow.sort(Comparator.comparingDouble(Slow::rate));
        for (Slow candidate : slow) {
            UUID tenant = candidate.stream().link().tenant();
            if (isScarce(all, limits.places()) || isScarce(used.getOrDefault(tenant, 0), limits.tenantPlaces())) {
                end(candidate.stream(), OpenStream.Ending.SLOW);
                used.merge(tenant, -1, Integer::sum);
                all--;
            }
        }
    }

    private static boolean isScarce(int used, int most) {
        return used > SCARCE * most;
    }

    private void end(OpenStream stream, OpenStream.Ending why) {
        if (stream.ending() == null) {
            LOG.debugf(
                    "a reader of tenant %s is disconnected: %s", stream.link().tenant(), why);
            metrics.counter("shoal.content.disconnected", "reason", why.label()).increment();
            stream.end(why);
        }
    }
}
