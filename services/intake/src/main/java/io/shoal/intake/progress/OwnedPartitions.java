package io.shoal.intake.progress;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The partitions of slices whose transitions and counters this replica writes. Each partition is owned by one replica at most. */
@ApplicationScoped
public class OwnedPartitions {
    private final Set<Integer> owned = ConcurrentHashMap.newKeySet();

    public boolean contains(int partition) {
        return owned.contains(partition);
    }

    void add(Set<Integer> partitions) {
        owned.addAll(partitions);
    }

    void remove(Set<Integer> partitions) {
        owned.removeAll(partitions);
    }
}
