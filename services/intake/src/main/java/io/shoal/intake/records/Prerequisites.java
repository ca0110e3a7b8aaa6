package io.shoal.intake.records;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.topics.Topics;
import io.shoal.intake.loops.Loops;
import io.shoal.intake.outbox.Relay;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The prerequisites of readiness: the topics and the bucket must have been reached once. They are retried until both have been; after
 * that Kafka, the store and the database may go away, and the service stays ready: all replicas share them, so leaving the Service
 * together would only replace answers by connection errors. Nothing is published or read before the topics are as they should be.
 * While no name of a broker resolves, Kafka counts as away.
 */
@Readiness
@ApplicationScoped
class Prerequisites implements HealthCheck {
    private static final Logger LOG = LoggerFactory.getLogger(Prerequisites.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final KafkaSettings settings;
    private final ObjectStore store;
    private final Relay relay;
    private final StatusReader statusReader;
    private final TransitionsReader transitionsReader;
    private final ContentReader contentReader;
    private final AccountingReader accountingReader;
    private final Loops loops;
    private volatile boolean met;
    private volatile @Nullable Thread thread;

    Prerequisites(
            KafkaSettings settings,
            ObjectStore store,
            Relay relay,
            StatusReader statusReader,
            TransitionsReader transitionsReader,
            ContentReader contentReader,
            AccountingReader accountingReader,
            Loops loops) {
        this.settings = settings;
        this.store = store;
        this.relay = relay;
        this.statusReader = statusReader;
        this.transitionsReader = transitionsReader;
        this.contentReader = contentReader;
        this.accountingReader = accountingReader;
        this.loops = loops;
    }

    void begin(@Observes StartupEvent event) {
        thread = Thread.ofVirtual()
                .name("prerequisites")
                .start(loops.prerequisites().watched(this::run, Loops::died));
    }

    void end(@Observes ShutdownEvent event) {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("topics and bucket").status(met).build();
    }

    /** Something that must be met once. */
    private interface Prerequisite {
        void meet() throws ExecutionException, StoreUnavailableException, InterruptedException;
    }

    private void run() {
        try {
            await("the topics", this::meetTopics);
            relay.start();
            contentReader.start();
            accountingReader.start();
            await("the bucket", store::ensureBucket);
            statusReader.start();
            transitionsReader.start();
            met = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // told to stop: the thread is this bean's own and ends
        } catch (IllegalStateException e) {
            LOG.error("This deployment is not the one that the service is configured for", e);
            Quarkus.asyncExit(1);
        }
    }

    private void await(String what, Prerequisite prerequisite) throws InterruptedException {
        OutageLog outage = new OutageLog(LOG, what);
        while (true) {
            loops.prerequisites().turned();
            try {
                prerequisite.meet();
                outage.succeeded();
                return;
            } catch (ExecutionException | KafkaException | StoreUnavailableException e) {
                outage.failed(e);
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            }
        }
    }

    private void meetTopics() throws ExecutionException, InterruptedException {
        try (Admin admin = Topics.connect(settings.client(), "intake-admin")) {
            Topics topics = new Topics(admin, settings.partitions(), settings.replication());
            topics.ensure();
            topics.configure();
        }
    }
}
