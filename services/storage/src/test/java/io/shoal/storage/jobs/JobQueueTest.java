package io.shoal.storage.jobs;

import static io.shoal.storage.TestIds.torrent;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.TestSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs in the real database, in a schema where the service under test takes none. */
@PlatformTest
class JobQueueTest {
    private static final Generation FIRST = new Generation(1);
    private static final int MANY = 50_000;

    /** Pages of 8 KiB that a take may touch: a few for each row that it leases, whatever the number of jobs. */
    private static final int MOST_PAGES = 1_000;

    private TestSchema schema;
    private Jdbi database;
    private JobQueue queue;

    @BeforeEach
    void create() throws Exception {
        schema = new TestSchema("job_queue_test");
        database = schema.database();
        queue = new JobQueue(database);
    }

    @AfterEach
    void drop() {
        schema.close();
    }

    @Test
    void purgesAreTakenFirstAndThenWhatIsDueLongest() {
        for (int number = 0; number < 3; number++) {
            enqueue(JobKind.PLAN, torrent(number));
        }
        enqueue(JobKind.PURGE, torrent(3));

        assertThat(queue.take(2)).map(Job::torrent).containsExactly(torrent(3), torrent(0));
        assertThat(queue.take(8)).map(Job::torrent).containsExactlyInAnyOrder(torrent(1), torrent(2));
        assertThat(queue.take(8)).isEmpty();
    }

    @Test
    void whatIsNotDueIsNotTaken() {
        database.useTransaction(transaction ->
                queue.enqueue(transaction, JobKind.CLEAN_UP, torrent(0), FIRST, new FileIndex(0), Duration.ofHours(1)));
        assertThat(queue.take(8)).isEmpty();
    }

    @Test
    void oneJobOfATorrentIsTakenAtATime() {
        TorrentId torrent = torrent(0);
        for (int file = 0; file < 100; file++) {
            assemble(torrent, file);
        }
        assemble(torrent(1), 0);

        List<Job> taken = new ArrayList<>(queue.take(8));
        taken.addAll(queue.take(8));
        assertThat(taken).map(Job::torrent).containsExactly(torrent, torrent(1));
        queue.finish(taken.getFirst());
        assertThat(queue.take(8)).map(Job::torrent).containsExactly(torrent);
    }

    @Test
    void aLeaseThatHasEndedIsTakenOver() {
        enqueue(JobKind.PLAN, torrent(0));
        Job first = queue.take(8).getFirst();
        endLeases();

        JobQueue other = new JobQueue(database);

        assertThat(other.take(8)).map(Job::attempts).containsExactly(2);
        assertThat(queue.holds(first)).isFalse();
        queue.finish(first);
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void aProcessThatTakesItsOwnJobOverHoldsItOnce() {
        enqueue(JobKind.PLAN, torrent(0));
        Job first = queue.take(8).getFirst();
        endLeases();

        Job second = queue.take(8).getFirst();

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(queue.holds(first)).isFalse();
        assertThat(queue.holds(second)).isTrue();
        queue.finish(first);
        queue.postpone(first, Duration.ofHours(1));
        assertThat(queue.keepUpload(first, "upload")).isFalse();
        assertThat(queue.holds(second)).isTrue();
        endLeases();
        queue.renew(List.of(first));
        assertThat(queue.holds(second)).isFalse();
        queue.renew(List.of(second));
        assertThat(queue.holds(second)).isTrue();
    }

    @Test
    void anEndedLeaseWhoseRowIsLockedHoldsUpNoTake() throws Exception {
        enqueue(JobKind.PLAN, torrent(0));
        queue.take(8);
        endLeases();
        enqueue(JobKind.PLAN, torrent(1));

        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            List<Job> taken = database.inTransaction(transaction -> {
                queue.enqueue(transaction, Set.of(new NewJob(JobKind.PLAN, torrent(0), FIRST)));
                return thread.submit(() -> queue.take(8)).get(1, TimeUnit.MINUTES);
            });
            assertThat(taken).map(Job::torrent).containsExactly(torrent(1));
        }
        assertThat(queue.take(8)).map(Job::torrent).containsExactly(torrent(0));
    }

    @Test
    void processesThatTakeAtTheSameTimeNeverHaveTwoJobsOfOneTorrent() throws Exception {
        int torrents = 10;
        int files = 4;
        for (int number = 0; number < torrents; number++) {
            for (int file = 0; file < files; file++) {
                assemble(torrent(number), file);
            }
        }
        Set<TorrentId> running = Collections.synchronizedSet(new HashSet<>());
        List<String> done = Collections.synchronizedList(new ArrayList<>());
        Callable<Void> process = () -> {
            JobQueue own = new JobQueue(database);
            while (done.size() < torrents * files) {
                List<Job> taken = own.take(8);
                for (Job job : taken) {
                    assertThat(running.add(job.torrent())).as("%s", job).isTrue();
                }
                for (Job job : taken) {
                    running.remove(job.torrent());
                    own.finish(job);
                    done.add(job.toString());
                }
            }
            return null;
        };
        try (ExecutorService processes = Executors.newFixedThreadPool(4)) {
            for (Future<Void> each : processes.invokeAll(Collections.nCopies(4, process))) {
                each.get();
            }
        }
        assertThat(done).doesNotHaveDuplicates().hasSize(torrents * files);
        assertThat(rows()).isZero();
    }

    @Test
    void takingReadsNoMoreWhenManyJobsAreDue() {
        Set<NewJob> jobs = new LinkedHashSet<>();
        for (int number = 0; number < MANY; number++) {
            jobs.add(new NewJob(JobKind.PLAN, torrent(number), FIRST));
        }
        database.useTransaction(transaction -> queue.enqueue(transaction, jobs));

        List<String> lines = database.inTransaction(transaction -> transaction
                .createQuery("explain (analyze, buffers) " + JobQueue.TAKE)
                .bind("priority", JobKind.PLAN.priority())
                .bind("most", 8)
                .bind("lease", 60_000)
                .mapTo(String.class)
                .list());
        String plan = String.join("\n", lines);

        assertThat(plan).contains("job_due").doesNotContain("Seq Scan on job");
        assertThat(pages(plan)).as(plan).isLessThan(MOST_PAGES);
        assertThat(queue.take(8)).hasSize(8);
    }

    /** Returns the pages that the root of {@code plan} has touched. */
    private static int pages(String plan) {
        String buffers = Pattern.compile("Buffers: (.*)")
                .matcher(plan)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        return Pattern.compile("(?:hit|read)=(\\d+)")
                .matcher(buffers)
                .results()
                .map((MatchResult found) -> found.group(1))
                .mapToInt(Integer::parseInt)
                .sum();
    }

    private void endLeases() {
        database.useHandle(handle -> handle.execute("update job set lease_until = now() - interval '1 second'"));
    }

    private void enqueue(JobKind kind, TorrentId torrent) {
        database.useTransaction(transaction -> queue.enqueue(transaction, Set.of(new NewJob(kind, torrent, FIRST))));
    }

    private void assemble(TorrentId torrent, int file) {
        database.useTransaction(transaction ->
                queue.enqueue(transaction, JobKind.ASSEMBLE, torrent, FIRST, new FileIndex(file), Duration.ZERO));
    }

    private int rows() {
        return database.withHandle(handle -> handle.createQuery("select count(*) from job")
                .mapTo(Integer.class)
                .one());
    }
}
