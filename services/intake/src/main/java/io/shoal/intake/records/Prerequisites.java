package io.shoal.intake.records;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.topics.Topics;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What must have been there once before this service is ready: the topics and the bucket. They are tried for until they are;
 * after that Kafka and the store may go away, and the service stays ready: tenants can still add, change and look.
 */
@Readiness
@ApplicationScoped
class Prerequisites implements HealthCheck {
    private static final Logger LOG = Logger.getLogger(Prerequisites.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final KafkaSettings settings;
    private final ObjectStore store;
    private final StatusReader statusReader;
    private volatile boolean met;
    private volatile @Nullable Thread thread;

    Prerequisites(KafkaSettings settings, ObjectStore store, StatusReader statusReader) {
        this.settings = settings;
        this.store = store;
        this.statusReader = statusReader;
    }

    void begin(@Observes StartupEvent event) {
        thread = Thread.ofVirtual().name("prerequisites").start(this::run);
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

    private void run() {
        try {
            while (!areTopicsThere() || !isBucketThere()) {
                Thread.sleep(PAUSE);
            }
            statusReader.start();
            met = true;
        } catch (InterruptedException e) {
            // told to stop: this thread is ours and ends
        } catch (IllegalStateException e) {
            LOG.fatal("this deployment is configured for another Kafka", e);
            Quarkus.asyncExit(1);
        }
    }

    private boolean areTopicsThere() throws InterruptedException {
        try (Admin admin = Topics.connect(settings.clientWith(Map.of()))) {
            new Topics(admin, settings.partitions(), settings.replication()).ensure();
            return true;
        } catch (ExecutionException e) {
            LOG.warnf("the topics are not there yet: %s", e.getCause());
            return false;
        }
    }

    private boolean isBucketThere() {
        try {
            store.ensureBucket();
            return true;
        } catch (StoreUnavailableException e) {
            LOG.warnf("the bucket is not there yet: %s", e);
            return false;
        }
    }
}
