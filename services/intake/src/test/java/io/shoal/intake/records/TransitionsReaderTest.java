package io.shoal.intake.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.loops.Loops;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.progress.OwnedStatuses;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replicas that share the statuses of the fleet: here two readers of a group of their own. */
@QuarkusTest
@OnPlatform
class TransitionsReaderTest {
    private static final int SLICES = 40;

    @Inject
    KafkaSettings settings;

    @Inject
    DeadLetters deadLetters;

    @ConfigProperty(name = "shoal.partitions")
    int partitions;

    private final String group = "transitions-of-a-test-" + UUID.randomUUID();
    private final List<TransitionsReader> readers = new ArrayList<>();
    private final Set<String> ours = ConcurrentHashMap.newKeySet();
    private Fleet fleet;

    /** Takes statuses as a replica does, and notes those of this test. */
    private final class Replica implements OwnedStatuses {
        private final Set<Integer> owned = new ConcurrentSkipListSet<>();
        private final List<String> taken = new CopyOnWriteArrayList<>();
        private final Map<Integer, Long> pending = new ConcurrentHashMap<>();
        private volatile boolean isStuck;
        private final TransitionsReader reader = new TransitionsReader(settings, this, deadLetters, new Loops(), group);

        Replica() {
            readers.add(reader);
        }

        @Override
        public void assigned(Set<Integer> partitions) {
            owned.addAll(partitions);
        }

        @Override
        public void revoked(Set<Integer> partitions) {
            owned.removeAll(partitions);
        }

        @Override
        public void offer(int partition, long offset, SliceKey key, StatusRecord status, int bytes) {
            if (ours.contains(key.toString())) {
                taken.add(key + " rev " + status.rev());
                if (isStuck) {
                    pending.merge(partition, offset, Math::min);
                }
            }
        }

        @Override
        public void ended(SliceKey key) {}

        @Override
        public boolean isFull() {
            return false;
        }

        @Override
        public Map<Integer, Long> pending() {
            return pending;
        }
    }

    @BeforeEach
    void thePlatform() {
        Tenant.create();
        fleet = new Fleet();
    }

    @AfterEach
    void end() throws InterruptedException {
        for (TransitionsReader reader : readers) {
            reader.end();
        }
        fleet.close();
    }

    private Set<String> statuses(long rev) {
        Set<String> written = new TreeSet<>();
        for (int i = 0; i < SLICES; i++) {
            String key = new SliceKey.OfResolve(new UUID(group.hashCode(), i)).toString();
            ours.add(key);
            fleet.sayOnlyStatus(
                    key,
                    Fleet.status(new Generation(1), rev, 1, StatusRecord.State.RESOLVING, null, Bits.NONE, 0, null));
            written.add(key + " rev " + rev);
        }
        return written;
    }

    @Test
    void eachStatusIsTakenByOneReplicaAndAnotherTakesOver() throws Exception {
        Replica first = new Replica();
        Replica second = new Replica();
        first.reader.start();
        second.reader.start();
        Tenant.await()
                .until(() -> !first.owned.isEmpty()
                        && !second.owned.isEmpty()
                        && first.owned.size() + second.owned.size() == partitions);
        assertThat(first.owned).doesNotContainAnyElementsOf(second.owned);

        Set<String> before = statuses(1);
        Tenant.await().until(() -> first.taken.size() + second.taken.size() >= SLICES);
        assertThat(first.taken).isNotEmpty().doesNotContainAnyElementsOf(second.taken);
        assertThat(second.taken).isNotEmpty();
        assertThat(union(first, second)).isEqualTo(before);

        // One stops with a status that it has not acted upon; the other one begins with that.
        second.isStuck = true;
        Set<String> after = statuses(2);
        Tenant.await().until(() -> union(first, second).containsAll(after));
        Set<String> stuck = new TreeSet<>(second.taken);
        stuck.retainAll(after);
        second.reader.end();
        Tenant.await().until(() -> first.owned.size() == partitions);
        Tenant.await().until(() -> first.taken.containsAll(after));
        assertThat(stuck).isNotEmpty();
        assertThat(first.taken)
                .as("what the other had done is not done again")
                .doesNotHaveDuplicates()
                .filteredOn(status -> status.endsWith("rev 1"))
                .doesNotContainAnyElementsOf(
                        second.taken.stream().filter(before::contains).toList());
    }

    private static Set<String> union(Replica first, Replica second) {
        Set<String> all = new TreeSet<>(first.taken);
        all.addAll(second.taken);
        return all;
    }
}
