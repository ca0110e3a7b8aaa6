package io.shoal.intake.swarms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.DemandRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.outbox.Publisher;
import io.shoal.intake.swarms.SwarmLooks.Look;
import io.shoal.intake.swarms.TooManyLooksException.Bound;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** How many looks there may be, and what they ask of the fleet, by a clock that the test turns. */
class SwarmLooksTest {
    private static final UUID TENANT = UUID.randomUUID();
    private static final Generation FIRST = new Generation(1);
    private static final Instant AT = Instant.ofEpochMilli(1_790_000_000_000L);

    private final List<Publisher.Entry> published = new ArrayList<>();
    private boolean away;
    private long nanos;
    private final SwarmLooks looks = new SwarmLooks(
            entries -> {
                if (away) {
                    throw new Publisher.NotPublishedException(new IllegalStateException("Kafka is away"));
                }
                published.addAll(entries);
                return List.of();
            },
            () -> nanos);

    private static SliceKey slice(char name) {
        return new SliceKey.OfTorrent(new TorrentId(String.valueOf(name).repeat(26)), 0);
    }

    private static SwarmReport report(SliceKey key, long gen, long epoch, int connected) {
        return new SwarmReport(key.toString(), new Generation(gen), epoch, connected, List.of(), null);
    }

    private void pass(Duration time) throws InterruptedException {
        for (long second = time.toSeconds(); second > 0; second--) {
            nanos += Duration.ofSeconds(1).toNanos();
            turn();
        }
    }

    private void turn() throws InterruptedException {
        List<Watch> due = looks.due();
        if (!due.isEmpty()) {
            looks.publish(due);
        }
    }

    private static void assertRefused(Bound bound, ThrowingCallable open) {
        assertThatThrownBy(open)
                .isInstanceOfSatisfying(
                        TooManyLooksException.class,
                        refused -> assertThat(refused.bound()).isEqualTo(bound));
    }

    @Test
    void looksAtOneSliceShareDemandsAndReports() throws Exception {
        try (Look one = looks.open(TENANT, UUID.randomUUID());
                Look other = looks.open(UUID.randomUUID(), UUID.randomUUID())) {
            one.at(slice('a'), FIRST);
            other.at(slice('a'), FIRST);
            turn();
            assertThat(published).singleElement().satisfies(entry -> {
                assertThat(entry.key().topic()).isEqualTo(Topic.DEMAND);
                assertThat(entry.key().key()).isEqualTo(slice('a').toString());
                DemandRecord.Inspect inspect = inspect(entry);
                assertThat(inspect.gen()).isEqualTo(FIRST);
                assertThat(inspect.until() - System.currentTimeMillis()).isBetween(1L, 15_000L);
            });
            pass(Duration.ofSeconds(20));
            assertThat(published).as("one in five seconds").hasSize(5);

            looks.reported(report(slice('a'), 1, 1, 7), AT);
            looks.reported(report(slice('b'), 1, 1, 8), AT);
            assertThat(one.seen().orElseThrow().report().connected()).isEqualTo(7);
            assertThat(other.seen()).isEqualTo(one.seen());
        }
        pass(Duration.ofMinutes(1));
        assertThat(published).as("not after the last look").hasSize(5);
    }

    private static DemandRecord.Inspect inspect(Publisher.Entry entry) throws BadRecordException {
        return (DemandRecord.Inspect) Json.read(entry.value().orElseThrow(), DemandRecord.class);
    }

    @Test
    void aLookThatFollowsSoonContinuesWhereTheLastOneEnded() throws Exception {
        UUID transfer = UUID.randomUUID();
        try (Look first = looks.open(TENANT, transfer)) {
            first.at(slice('a'), FIRST);
            turn();
            looks.reported(report(slice('a'), 1, 1, 7), AT);
        }
        pass(Duration.ofSeconds(3));
        try (Look second = looks.open(TENANT, transfer)) {
            second.at(slice('a'), FIRST);
            turn();
            assertThat(published).as("the first demand is in force").hasSize(1);
            assertThat(second.seen().orElseThrow().age()).isEqualTo(Duration.ofSeconds(3));
        }
        pass(Duration.ofSeconds(15));
        try (Look late = looks.open(TENANT, transfer)) {
            late.at(slice('a'), FIRST);
            assertThat(late.seen()).isEmpty();
        }
    }

    @Test
    void aTenantLooksAtFourTransfersAndADemandThatIsInForceCounts() throws Exception {
        List<Look> open = new ArrayList<>();
        List<UUID> transfers = new ArrayList<>();
        for (char name : new char[] {'a', 'b', 'c', 'd'}) {
            transfers.add(UUID.randomUUID());
            open.add(looks.open(TENANT, transfers.getLast()));
            open.getLast().at(slice(name), FIRST);
        }
        turn();
        assertRefused(Bound.TRANSFERS, () -> looks.open(TENANT, UUID.randomUUID()));
        looks.open(TENANT, transfers.getFirst()).close();
        looks.open(UUID.randomUUID(), UUID.randomUUID()).close();

        open.getFirst().close();
        assertRefused(Bound.TRANSFERS, () -> looks.open(TENANT, UUID.randomUUID()));
        pass(Duration.ofSeconds(15));
        looks.open(TENANT, UUID.randomUUID()).close();
        open.get(1).away();
        open.get(1).close();
        open.get(1).close();
        assertRefused(Bound.TRANSFERS, () -> {
            looks.open(TENANT, UUID.randomUUID());
            looks.open(TENANT, UUID.randomUUID());
        });
    }

    @Test
    void theLooksOfATenantAndOfAReplicaAreBounded() throws Exception {
        UUID transfer = UUID.randomUUID();
        for (int i = 0; i < SwarmLooks.LOOKS; i++) {
            looks.open(TENANT, transfer);
        }
        assertRefused(Bound.LOOKS, () -> looks.open(TENANT, transfer));
        for (int i = SwarmLooks.LOOKS; i < SwarmLooks.LOOKS_OF_REPLICA; i++) {
            looks.open(UUID.randomUUID(), transfer);
        }
        assertRefused(Bound.REPLICA, () -> looks.open(UUID.randomUUID(), transfer));
    }

    @Test
    void reportsOfOtherGenerationsAndFormerOwnersAreIgnored() throws Exception {
        try (Look look = looks.open(TENANT, UUID.randomUUID())) {
            look.at(slice('a'), FIRST);
            looks.reported(report(slice('a'), 1, 5, 50), AT);
            looks.reported(report(slice('a'), 2, 9, 90), AT);
            looks.reported(report(slice('a'), 1, 4, 40), AT);
            assertThat(look.seen().orElseThrow().report().connected()).isEqualTo(50);
            look.at(slice('a'), new Generation(2));
            assertThat(look.seen()).isEmpty();
            looks.reported(report(slice('a'), 2, 9, 90), AT);
            assertThat(look.seen().orElseThrow().report().connected()).isEqualTo(90);
        }
    }

    /** The torrent was removed and added again: the epochs of its owners begin again in the same generation. */
    @Test
    void aLowerEpochIsTakenWhenTheOwnerBeforeIsSilent() throws Exception {
        try (Look look = looks.open(TENANT, UUID.randomUUID())) {
            look.at(slice('a'), FIRST);
            looks.reported(report(slice('a'), 1, 5, 50), AT);
            pass(Duration.ofSeconds(4));
            looks.reported(report(slice('a'), 1, 1, 10), AT);
            assertThat(look.seen().orElseThrow().report().connected()).isEqualTo(50);
            pass(Duration.ofSeconds(1));
            looks.reported(report(slice('a'), 1, 1, 11), AT);
            assertThat(look.seen().orElseThrow().report().connected()).isEqualTo(11);
        }
    }

    @Test
    void aDemandThatKafkaDidNotTakeIsPublishedSoon() throws Exception {
        away = true;
        try (Look look = looks.open(TENANT, UUID.randomUUID())) {
            look.at(slice('a'), FIRST);
            pass(Duration.ofSeconds(30));
            assertThat(published).isEmpty();
            away = false;
            pass(Duration.ofSeconds(1));
            assertThat(published).hasSize(1);
        }
    }
}
