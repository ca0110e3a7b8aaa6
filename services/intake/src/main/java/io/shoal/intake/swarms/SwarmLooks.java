package io.shoal.intake.swarms;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.Generation;
import io.shoal.contracts.records.DemandRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.outbox.Publisher;
import io.shoal.intake.outbox.Publisher.NotPublishedException;
import io.shoal.intake.outbox.RecordKey;
import io.shoal.intake.swarms.TooManyLooksException.Bound;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The looks at swarms that are open at this replica. While there is one at a slice, its owner is asked every five seconds to report
 * its peers; several looks at one slice share the demands and the reports. Nothing is asked, and no report kept, for a slice at which
 * no user looks.
 *
 * <p>Invariant: of one tenant at most {@link #TRANSFERS} transfers are looked at, the last seconds of demands included that no look
 * renews any more; at most {@link #LOOKS} looks of a tenant and {@link #LOOKS_OF_REPLICA} in all are open.
 */
@ApplicationScoped
public class SwarmLooks {
    /** Transfers of one tenant that are looked at. */
    public static final int TRANSFERS = 4;

    /** Looks of one tenant: several users may look at one transfer. */
    static final int LOOKS = 16;

    static final int LOOKS_OF_REPLICA = 256;

    private static final Logger LOG = Logger.getLogger(SwarmLooks.class);
    private static final long TURN_MILLIS = 250;

    private final Publisher publisher;
    private final LongSupplier nanos;
    private final Map<String, Watch> watches = new HashMap<>(); // guarded by this, as all below
    private final Map<UUID, Map<UUID, Place>> places = new HashMap<>();
    private int looks;
    private boolean ending;

    @Inject
    SwarmLooks(Publisher publisher) {
        this(publisher, System::nanoTime);
    }

    SwarmLooks(Publisher publisher, LongSupplier nanos) {
        this.publisher = publisher;
        this.nanos = nanos;
    }

    /**
     * What the fleet has reported.
     *
     * @param at when, by the clock of the worker
     * @param age how long this replica has had it
     */
    public record Seen(SwarmReport report, Instant at, Duration age) {}

    /** A transfer at which a tenant looks. */
    private static final class Place {
        int open;

        /** When the last demand lapses that was written for it. */
        long lapsesAt;
    }

    /** A look at one transfer, until it is closed. */
    public final class Look implements AutoCloseable {
        private final UUID tenant;
        private final UUID transfer;
        private @Nullable Watch watch;
        private boolean closed;

        private Look(UUID tenant, UUID transfer) {
            this.tenant = tenant;
            this.transfer = transfer;
        }

        /** Looks at the slice in this generation, and at no other any more. */
        public void at(SliceKey slice, Generation gen) {
            synchronized (SwarmLooks.this) {
                String key = slice.toString();
                Watch before = watch;
                if (before != null && before.key.equals(key) && before.gen.equals(gen)) {
                    return;
                }
                away();
                if (!closed) {
                    watch = join(key, gen);
                }
            }
        }

        /** Looks at no slice: the transfer does not run. */
        public void away() {
            synchronized (SwarmLooks.this) {
                Watch before = watch;
                if (before != null) {
                    before.open--;
                    place().lapsesAt = Math.max(place().lapsesAt, before.lapsesAt(nanos.getAsLong()));
                    watch = null;
                }
            }
        }

        private Place place() {
            return placeOf(tenant, transfer);
        }

        /** Returns the newest report, if there is one. */
        public Optional<Seen> seen() {
            synchronized (SwarmLooks.this) {
                Watch now = watch;
                return now == null ? Optional.empty() : Optional.ofNullable(now.seen(nanos.getAsLong()));
            }
        }

        /** Awaits a report that is younger than {@code youngest}; then returns the newest there is. */
        public Optional<Seen> await(Duration youngest, Duration patience) throws InterruptedException {
            long end = nanos.getAsLong() + patience.toNanos();
            synchronized (SwarmLooks.this) {
                Optional<Seen> seen = seen();
                while (!ending && seen.filter(isYounger(youngest)).isEmpty()) {
                    long left = TimeUnit.NANOSECONDS.toMillis(end - nanos.getAsLong());
                    if (left <= 0) {
                        break;
                    }
                    SwarmLooks.this.wait(left);
                    seen = seen();
                }
                return seen;
            }
        }

        private static Predicate<Seen> isYounger(Duration age) {
            return seen -> seen.age.compareTo(age) < 0;
        }

        @Override
        public void close() {
            synchronized (SwarmLooks.this) {
                if (!closed) {
                    away();
                    closed = true;
                    place().open--;
                    looks--;
                }
            }
        }
    }

    /** Opens a look of the tenant at its transfer; it must be closed. */
    public synchronized Look open(UUID tenant, UUID transfer) throws TooManyLooksException {
        forgetLapsed();
        Map<UUID, Place> mine = places.getOrDefault(tenant, Map.of());
        if (!mine.containsKey(transfer) && mine.size() >= TRANSFERS) {
            throw new TooManyLooksException(Bound.TRANSFERS);
        }
        if (mine.values().stream().mapToInt(place -> place.open).sum() >= LOOKS) {
            throw new TooManyLooksException(Bound.LOOKS);
        }
        if (looks >= LOOKS_OF_REPLICA) {
            throw new TooManyLooksException(Bound.REPLICA);
        }
        looks++;
        placeOf(tenant, transfer).open++;
        return new Look(tenant, transfer);
    }

    private Place placeOf(UUID tenant, UUID transfer) {
        return places.computeIfAbsent(tenant, id -> new HashMap<>()).computeIfAbsent(transfer, id -> {
            Place place = new Place();
            place.lapsesAt = nanos.getAsLong();
            return place;
        });
    }

    private Watch join(String key, Generation gen) {
        Watch known = watches.get(key);
        if (known == null || !known.gen.equals(gen)) {
            known = new Watch(key, gen);
            watches.put(key, known);
        }
        known.open++;
        notifyAll();
        return known;
    }

    private void forgetLapsed() {
        long now = nanos.getAsLong();
        watches.values().removeIf(watch -> watch.open == 0 && !watch.isInForce(now));
        places.values().removeIf(mine -> {
            mine.values().removeIf(place -> place.open == 0 && place.lapsesAt - now <= 0);
            return mine.isEmpty();
        });
    }

    /** A swarm was reported; it is kept only if a user looks at it. */
    public synchronized void reported(SwarmReport report, Instant at) {
        Watch watch = watches.get(report.key());
        if (watch != null && watch.reported(report, at, nanos.getAsLong())) {
            notifyAll();
        }
    }

    // ---- Demands

    void start(@Observes StartupEvent event) {
        Thread.ofPlatform().daemon().name("swarm-demands").start(this::run);
    }

    synchronized void end(@Observes ShutdownEvent event) {
        ending = true;
        notifyAll();
    }

    private void run() {
        try {
            for (List<Watch> due = awaitDue(); !due.isEmpty(); due = awaitDue()) {
                publish(due);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the process ends
        }
    }

    /** Awaits slices whose owners must be asked; none when the service ends. Sleeps while no user looks at anything. */
    private synchronized List<Watch> awaitDue() throws InterruptedException {
        while (!ending) {
            List<Watch> due = due();
            if (!due.isEmpty()) {
                return due;
            }
            forgetLapsed();
            if (watches.isEmpty()) {
                wait();
            } else {
                wait(TURN_MILLIS);
            }
        }
        return List.of();
    }

    /** Returns the slices whose owners must be asked now, and notes that they are. */
    synchronized List<Watch> due() {
        long now = nanos.getAsLong();
        List<Watch> due = new ArrayList<>();
        for (Watch watch : watches.values()) {
            if (watch.mustAsk(now)) {
                watch.asked(now);
                due.add(watch);
            }
        }
        return due;
    }

    /** Publishes a demand for each, and waits for Kafka; those that could not be published are due again soon. */
    void publish(List<Watch> due) throws InterruptedException {
        long until = System.currentTimeMillis() + DemandRecord.Inspect.ASKED.toMillis();
        List<Publisher.Entry> entries = due.stream()
                .map(watch -> new Publisher.Entry(
                        new RecordKey(Topic.DEMAND, watch.key),
                        Optional.of(Json.write(new DemandRecord.Inspect(1, watch.gen, until)))))
                .toList();
        try {
            publisher
                    .publish(entries)
                    .forEach(refused -> LOG.errorf(refused.cause(), "The demand for %s is refused", refused.key()));
        } catch (NotPublishedException | IllegalStateException e) { // Kafka is away, or the service ends
            LOG.debugf(e, "%d demands could not be published", due.size());
            askAgain(due);
        }
    }

    private synchronized void askAgain(List<Watch> due) {
        long now = nanos.getAsLong();
        due.forEach(watch -> watch.askAgain(now));
    }
}
