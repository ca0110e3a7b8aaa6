package io.shoal.storage.records;

import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.ContentEvents;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;

/** Repeats the steps of a loop while another part of the platform is down, until the loop is to end. */
final class Retry {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Logger log;
    private final LoopWatch watch;
    private final CountDownLatch stopping = new CountDownLatch(1);

    Retry(Logger log, LoopWatch watch) {
        this.log = log;
        this.watch = watch;
    }

    /** A step that needs another part of the platform. */
    interface Step {
        void run()
                throws StoreUnavailableException, ExecutionException, ContentEvents.PublishException,
                        InterruptedException;
    }

    /** Makes the loop end: what is tried is not tried again, and no pause lasts. */
    void stop() {
        stopping.countDown();
    }

    boolean isStopping() {
        return stopping.getCount() == 0;
    }

    void pause() throws InterruptedException {
        pause(PAUSE);
    }

    void pause(Duration time) throws InterruptedException {
        stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs {@code step} again and again while what it needs is down; returns whether it succeeded before the loop was to end. */
    boolean untilDone(String what, Step step) throws InterruptedException {
        OutageLog outage = new OutageLog(log, what);
        while (!isStopping()) {
            watch.turned();
            try {
                step.run();
                outage.succeeded();
                return true;
            } catch (StoreUnavailableException
                    | ExecutionException
                    | ContentEvents.PublishException
                    | KafkaException
                    | JdbiException e) {
                outage.failed(e);
            } catch (IllegalStateException e) { // a deployment that is set up wrongly: logged until it is set right
                log.error("{}: {}", what, e.getMessage());
            }
            pause();
        }
        return false;
    }
}
