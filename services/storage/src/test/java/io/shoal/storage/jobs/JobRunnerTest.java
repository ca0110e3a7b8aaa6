package io.shoal.storage.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.TestSchema;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a process that ends leaves its jobs. They lie in a schema of their own, where the service under test takes none. */
@PlatformTest
class JobRunnerTest {
    private static final TorrentId FIRST = new TorrentId("a".repeat(26));
    private static final TorrentId SECOND = new TorrentId("b".repeat(26));
    private static final Duration LONG = Duration.ofSeconds(30);

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private TestSchema schema;
    private Jdbi database;
    private JobQueue queue;

    @BeforeEach
    void create() throws Exception {
        schema = new TestSchema("job_runner_test");
        database = schema.database();
        queue = new JobQueue(database);
    }

    @AfterEach
    void drop() {
        end.countDown();
        schema.close();
    }

    @Test
    void aJobInTheMiddleOfAStatementIsDoneBeforeTheProcessEnds() throws Exception {
        JobRunner runner = runner(LONG, job -> {
            begun.countDown();
            database.useHandle(handle -> handle.execute("select pg_sleep(0.7)"));
            queue.finish(job);
        });
        enqueue(FIRST);
        runner.start();
        begun.await();

        runner.stop();

        assertThat(rows()).isZero();
    }

    @Test
    void aJobThatDoesNotEndInTimeKeepsItsLeaseAndNoOtherIsTaken() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        JobRunner runner = runner(Duration.ofMillis(300), job -> {
            begun.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
            ended.countDown();
        });
        enqueue(FIRST);
        runner.start();
        begun.await();

        runner.stop();

        enqueue(SECOND);
        runner.wake();
        JobQueue other = new JobQueue(database);
        assertThat(other.take(8))
                .as("the first job is leased")
                .map(Job::torrent)
                .containsExactly(SECOND);
        assertThat(other.take(8)).isEmpty();
        end.countDown();
        ended.await();
        assertThat(interrupted).isFalse();
    }

    @Test
    void aLongJobSeesTheEndAndIsGivenBackAtOnce() throws Exception {
        AtomicBoolean stopping = new AtomicBoolean();
        JobRunner[] running = new JobRunner[1];
        running[0] = runner(LONG, job -> {
            begun.countDown();
            await().atMost(LONG).until(running[0]::isStopping);
            stopping.set(true);
            throw new Work.TryAgainException("this process ends", null);
        });
        enqueue(FIRST);
        running[0].start();
        begun.await();

        running[0].stop();

        assertThat(stopping).isTrue();
        assertThat(new JobQueue(database).take(8)).map(Job::torrent).containsExactly(FIRST);
    }

    private interface Step {
        void run(Job job) throws Work.TryAgainException;
    }

    private JobRunner runner(Duration patience, Step step) {
        Work work = new Work() {
            @Override
            public JobKind kind() {
                return JobKind.PLAN;
            }

            @Override
            public void perform(Job job) throws TryAgainException {
                step.run(job);
            }
        };
        return new JobRunner(queue, List.of(work), new SimpleMeterRegistry(), patience, Duration.ofMillis(500));
    }

    private void enqueue(TorrentId torrent) {
        database.useTransaction(transaction -> queue.enqueue(transaction, JobKind.PLAN, torrent, new Generation(1)));
    }

    private int rows() {
        return database.withHandle(handle -> handle.createQuery("select count(*) from job")
                .mapTo(Integer.class)
                .one());
    }
}
