package io.shoal.storage.catalog;

import static io.shoal.storage.TestIds.torrent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.storage.PlatformTest;
import io.shoal.storage.Sample;
import io.shoal.storage.TestSchema;
import io.shoal.storage.catalog.ConsumerOffsets.Advance;
import io.shoal.storage.catalog.ConsumerOffsets.Partition;
import io.shoal.storage.jobs.JobQueue;
import io.shoal.storage.jobs.JobRunner;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches of changes on the real database, in a schema where no process takes the jobs. */
@PlatformTest
class CatalogWriterTest {
    private static final int SEGMENT = 16 << 20;
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Generation FIRST = new Generation(1);
    private static final Partition PARTITION = new Partition("shoal.status", "first", 3);

    @Inject
    JobQueue jobs;

    @Inject
    JobRunner runner;

    private final AtomicInteger statements = new AtomicInteger();
    private TestSchema schema;
    private Jdbi database;
    private ConsumerOffsets offsets;
    private CatalogWriter writer;

    @BeforeEach
    void create() throws Exception {
        schema = new TestSchema("catalog_writer_test");
        database = schema.database().setSqlLogger(new SqlLogger() {
            @Override
            public void logAfterExecution(StatementContext context) {
                statements.incrementAndGet();
            }
        });
        offsets = new ConsumerOffsets(database);
        writer = new CatalogWriter(database, offsets, jobs, runner);
    }

    @AfterEach
    void drop() {
        schema.close();
    }

    @Test
    void theNumberOfStatementsDoesNotDependOnTheNumberOfChanges() {
        List<Change> changes = new ArrayList<>();
        for (int number = 0; number < 2_000; number++) {
            changes.add(wish(torrent(number), 1, 1, false));
            changes.add(report(torrent(number), 1, 1, 0, number % 50));
        }

        take(changes);

        assertThat(statements.get()).isLessThan(12);
        assertThat(count("select count(*) from torrent")).isEqualTo(2_000);
        assertThat(count("select sum(bit_count(segments)) from stored")).isEqualTo(2_000);
        statements.set(0);
        take(changes);
        assertThat(statements.get()).isLessThan(12);
        assertThat(count("select count(*) from stored")).isEqualTo(2_000);
    }

    @Test
    void whatIsNotNewLocksNoRowAndChangesNone() {
        take(List.of(wish(torrent(1), 1, 1, false), report(torrent(1), 1, 1, 0, 5)));
        String versions = rowVersions();

        take(List.of(report(torrent(1), 1, 1, 0, 5)));
        take(List.of(report(torrent(1), 1, 0, 0, 6)));

        assertThat(rowVersions()).isEqualTo(versions);
    }

    @Test
    void theLastReportOfABatchCountsUnlessItsEpochIsOver() {
        take(List.of(report(torrent(1), 1, 1, 0, 5)));
        take(List.of(
                report(torrent(1), 1, 2, 0, 6), // in the order in which they were sent
                report(torrent(1), 1, 1, 0, 7),
                report(torrent(1), 1, 2, 0, 5, 6),
                report(torrent(2), 1, 1, 0, 1)));

        assertThat(catalog().stored(torrent(1), FIRST)).isEqualTo(set(5, 6));
        assertThat(catalog().stored(torrent(2), FIRST)).isEqualTo(set(1));
    }

    /** The last transfer of a torrent was removed, and it was added again before its objects were purged. */
    @Test
    void anOwnerAfterAWithdrawalCountsItsEpochsFromOneAgain() {
        List<Change> changes = List.of(
                report(torrent(1), 7, 3, 0, 5), new Change.Withdrawn(torrent(1), 0), report(torrent(1), 7, 1, 0, 5, 6));
        take(changes);
        assertThat(catalog().stored(torrent(1), new Generation(7)))
                .as("in one batch")
                .isEqualTo(set(5, 6));

        take(List.of(report(torrent(2), 7, 3, 0, 5), report(torrent(3), 7, 3, 0, 5)));
        take(List.of(new Change.Withdrawn(torrent(2), 0), new Change.Withdrawn(torrent(3), 1)));
        assertThat(catalog().stored(torrent(2), new Generation(7)))
                .as("kept until it is purged")
                .isEqualTo(set(5));
        take(List.of(report(torrent(2), 7, 1, 0, 5, 6), report(torrent(3), 7, 1, 0, 5, 6)));
        assertThat(catalog().stored(torrent(2), new Generation(7)))
                .as("in three batches")
                .isEqualTo(set(5, 6));
        assertThat(catalog().stored(torrent(3), new Generation(7)))
                .as("another slice of it was withdrawn")
                .isEqualTo(set(5));
        take(List.of(report(torrent(2), 7, 2, 0, 7)));
        take(List.of(report(torrent(2), 7, 1, 0, 5, 6)));
        assertThat(catalog().stored(torrent(2), new Generation(7)))
                .as("the owner before is over")
                .isEqualTo(set(7));
        take(List.of(new Change.Withdrawn(torrent(2), 0), report(torrent(2), 7, 1, 0, 8)));
        assertThat(catalog().stored(torrent(2), new Generation(7)))
                .as("in one batch, of a slice that is known")
                .isEqualTo(set(8));
    }

    @Test
    void aProcessWhosePartitionAnotherOneHasAdvancedWritesNothing() {
        offsets.load(List.of(PARTITION));
        List<Advance> ofTheOldOwner = List.of(new Advance(PARTITION, 0, 5));
        writer.take(List.of(report(torrent(1), 1, 1, 0, 1, 2)), List.of(new Advance(PARTITION, 0, 7)));

        assertThatExceptionOfType(ConsumerOffsets.OffsetsMovedException.class)
                .isThrownBy(() -> writer.take(List.of(report(torrent(1), 1, 1, 0, 1)), ofTheOldOwner));

        assertThat(catalog().stored(torrent(1), FIRST)).isEqualTo(set(1, 2));
        assertThat(offsets.load(List.of(PARTITION))).containsEntry(PARTITION, 7L);
    }

    @Test
    void whatTheDatabaseRefusesMovesNoOffset() {
        offsets.load(List.of(PARTITION));
        Change refused = new Change.Desired(torrent(1), FIRST, 1, false, "a text with \u0000");

        assertThatExceptionOfType(JdbiException.class)
                .isThrownBy(() -> writer.take(
                        List.of(report(torrent(2), 1, 1, 0, 1), refused), List.of(new Advance(PARTITION, 0, 7))));

        assertThat(count("select count(*) from stored")).isZero();
        assertThat(offsets.load(List.of(PARTITION))).containsEntry(PARTITION, 0L);
    }

    @Test
    void aTorrentIsPlannedWhenALargeFileIsCompleteAndNotBefore() throws Exception {
        Sample sample = Sample.of(5_000, 2 * SEGMENT, 70_000);
        TorrentId torrent = sample.torrent();
        take(List.of(wish(torrent, 1, 1, false)));
        assertThat(plans()).as("nothing is stored").isZero();
        take(List.of(report(torrent, 1, 1, 0, 0)));
        assertThat(plans()).as("where its files lie is not known").isEqualTo(1);

        planned(sample);
        take(List.of(report(torrent, 1, 1, 0, 0, 3)));
        take(List.of(report(torrent, 1, 1, 0, 0, 1, 3)));
        assertThat(plans()).as("no large file is complete").isZero();
        take(List.of(report(torrent, 1, 1, 0, 0, 1, 2, 3)));
        assertThat(plans()).as("it is complete").isEqualTo(1);

        planned(sample);
        take(List.of(report(torrent, 1, 2, 0, 0, 1, 2, 3)));
        assertThat(plans()).as("another owner, the same segments").isZero();
        database.useTransaction(transaction -> catalog().lost(transaction, torrent, FIRST, set(2)));
        take(List.of(report(torrent, 1, 2, 1, 0, 1, 3)));
        assertThat(plans()).isZero();
        take(List.of(report(torrent, 1, 2, 1, 0, 1, 2, 3)));
        assertThat(plans()).as("the lost segment is stored again").isEqualTo(1);
    }

    @Test
    void aTorrentOfSmallFilesIsPlannedOnce() throws Exception {
        Sample sample = Sample.of(5_000, 70_000);
        take(List.of(wish(sample.torrent(), 1, 1, false), report(sample.torrent(), 1, 1, 0, 0)));
        assertThat(plans()).isEqualTo(1);
        planned(sample);

        take(List.of(wish(sample.torrent(), 1, 2, false), report(sample.torrent(), 1, 2, 0, 0, 1)));

        assertThat(plans()).isZero();
    }

    @Test
    void aTorrentWhoseStatusCameFirstIsPlannedWhenItIsKnown() {
        take(List.of(report(torrent(1), 1, 1, 0, 0)));
        assertThat(plans()).isZero();
        take(List.of(wish(torrent(1), 1, 1, false)));
        assertThat(plans()).isEqualTo(1);
    }

    @Test
    void aStatusThatWaitedForNewTorrentsWaitsForNoOther() throws Exception {
        try (ExecutorService thread = Executors.newSingleThreadExecutor();
                Handle others = database.open()) {
            others.execute("select pg_advisory_lock(?)", CatalogWriter.NEW_TORRENTS);
            Future<?> taken = thread.submit(() -> take(List.of(report(torrent(1), 1, 1, 0, 0))));
            await().atMost(LONG).until(() -> count("""
                            select count(*) from pg_locks waiting join pg_locks used on used.pid = waiting.pid
                            where not waiting.granted and waiting.locktype = 'advisory'
                            and used.relation = 'stored'::regclass""") > 0);
            others.execute(
                    "insert into torrent (id, generation, rev, removed, info_key) values (?, 1, 1, false, 'info')",
                    torrent(1).value());
            others.useTransaction(transaction -> {
                transaction.execute("select from torrent for update");
                transaction.execute("select pg_advisory_unlock(?)", CatalogWriter.NEW_TORRENTS);

                taken.get(LONG.toSeconds(), TimeUnit.SECONDS);
            });
        }
        assertThat(plans()).isEqualTo(1);
    }

    @Test
    void theNextGenerationHasTheOneBeforePurged() {
        take(List.of(wish(torrent(1), 1, 1, false), report(torrent(1), 1, 1, 0, 0)));
        take(List.of(wish(torrent(1), 2, 2, false), report(torrent(1), 1, 9, 0, 0, 1), report(torrent(1), 2, 1, 0, 3)));

        assertThat(count("select count(*) from job where kind = 'PURGE' and generation = 1"))
                .isEqualTo(1);
        assertThat(catalog().stored(torrent(1), FIRST))
                .as("of a dead generation")
                .isEqualTo(set(0));
        assertThat(catalog().stored(torrent(1), new Generation(2))).isEqualTo(set(3));
    }

    private void take(List<Change> changes) {
        writer.take(changes, List.of());
    }

    private Catalog catalog() {
        return new Catalog(database);
    }

    /** What the job {@code PLAN} leaves. */
    private void planned(Sample sample) {
        database.useTransaction(transaction -> {
            transaction.execute("delete from job");
            catalog().largeFiles(transaction, sample.torrent(), FIRST, LargeFiles.of(SegmentLayout.of(sample.info())));
        });
    }

    private int plans() {
        return count("select count(*) from job where kind = 'PLAN'");
    }

    private int count(String query) {
        return database.withHandle(
                handle -> handle.createQuery(query).mapTo(Integer.class).one());
    }

    /** The transactions that have written or locked each row. */
    private String rowVersions() {
        return database.withHandle(
                handle -> handle.createQuery("""
                        select string_agg(ctid::text || xmin || '/' || xmax, ' ') from
                        (select ctid, xmin, xmax from torrent union all select ctid, xmin, xmax from stored) as rows""").mapTo(String.class).one());
    }

    private static Change wish(TorrentId torrent, long generation, long rev, boolean removed) {
        return new Change.Desired(torrent, new Generation(generation), rev, removed, "info");
    }

    private static Change report(TorrentId torrent, long generation, long epoch, int check, int... segments) {
        return new Change.Observed(torrent, 0, new Generation(generation), epoch, check, Bits.of(set(segments)));
    }

    private static BitSet set(int... segments) {
        return IntStream.of(segments).collect(BitSet::new, BitSet::set, BitSet::or);
    }
}
