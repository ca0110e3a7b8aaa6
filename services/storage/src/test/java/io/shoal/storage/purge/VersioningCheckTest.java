package io.shoal.storage.purge;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.scheduler.Scheduler;
import io.quarkus.scheduler.Trigger;
import io.shoal.embedded.test.Management;
import io.shoal.storage.FaultyStore;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.TestServers;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@PlatformTest
class VersioningCheckTest {
    private static final Logger LOGGER = Logger.getLogger(VersioningCheck.class.getName());

    @Inject
    TestServers servers;

    @Inject
    FaultyStore faults;

    @Inject
    VersioningCheck check;

    @Inject
    Scheduler scheduler;

    private final List<LogRecord> logged = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void heal() {
        faults.heal();
        check.check();
        LOGGER.removeHandler(handler);
    }

    @Test
    void theBucketIsLookedAtAfterTheStartAndAgain() {
        assertThat(scheduler.getScheduledJobs())
                .extracting(Trigger::getMethodDescription)
                .contains(VersioningCheck.class.getName() + "#check");
        await().until(() -> gauge().equals("0.0"));
    }

    @Test
    void aVersionedBucketIsReportedOnceWithWhatToDoAndTheServiceGoesOn() {
        faults.setVersioned(true);
        check.check();
        check.check();
        assertThat(gauge()).isEqualTo("1.0");
        assertThat(logged).singleElement().satisfies(record -> {
            assertThat(record.getLevel().getName()).isEqualTo("ERROR");
            assertThat(record.getMessage()).contains("versioned", "NoncurrentVersionExpiration");
        });
        assertThat(get(Management.url("/q/health/ready")).statusCode()).isEqualTo(200);

        faults.setVersioned(false);
        check.check();
        assertThat(gauge()).isEqualTo("0.0");
    }

    @Test
    void aStoreThatDoesNotAnswerTheQuestionChangesNothing() {
        faults.setVersioned(true);
        check.check();
        faults.setDown(true);
        check.check();
        check.check();
        assertThat(gauge()).isEqualTo("1.0");
        assertThat(logged).extracting(record -> record.getLevel().getName()).containsExactly("ERROR", "WARN");
    }

    private static String gauge() {
        return get(Management.url("/q/metrics"))
                .asString()
                .lines()
                .filter(line -> line.startsWith("shoal_bucket_versioned"))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElse("");
    }
}
