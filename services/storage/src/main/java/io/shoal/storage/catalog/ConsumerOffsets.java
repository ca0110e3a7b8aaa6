package io.shoal.storage.catalog;

import io.shoal.storage.database.SqlArray;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * How far each partition is taken into the catalog, in the catalog's own database: a database that is restored brings its offsets
 * along.
 *
 * <p>Invariant: the records of a partition are taken in one after the other, none twice and none skipped, whichever processes
 * consider themselves its owner. A process names the offset at which it believes the partition to be, and its transaction fails if
 * another process has moved it.
 */
@ApplicationScoped
public class ConsumerOffsets {
    private final Jdbi database;

    public ConsumerOffsets(Jdbi database) {
        this.database = database;
    }

    /** A partition of a topic. */
    public record Partition(String topic, int number) {}

    /** The records of {@code partition} from offset {@code from} on, up to {@code to} and without it, are taken in. */
    public record Advance(Partition partition, long from, long to) {}

    /** A partition is at another offset than this process believes, so another process owns it, or the database was restored. */
    public static final class OffsetsMovedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OffsetsMovedException() {
            super("another process has taken in records of the same partitions, or the database was restored");
        }
    }

    /** Returns the offset of the next record of each of {@code partitions}; 0 for one of which none was taken in. */
    public Map<Partition, Long> load(Collection<Partition> partitions) {
        return database.inTransaction(transaction -> {
            transaction
                    .createUpdate("""
                            insert into consumer_offset (topic, partition, next_offset)
                            select topic, partition, 0 from unnest(:topics, :partitions) as p(topic, partition)
                            order by topic, partition on conflict do nothing""")
                    .bind("topics", SqlArray.text(partitions, Partition::topic))
                    .bind("partitions", SqlArray.integer(partitions, Partition::number))
                    .execute();
            Map<Partition, Long> offsets = new HashMap<>();
            transaction
                    .createQuery("""
                            select topic, partition, next_offset
                            from consumer_offset join unnest(:topics, :partitions) as p(topic, partition)
                            using (topic, partition)""")
                    .bind("topics", SqlArray.text(partitions, Partition::topic))
                    .bind("partitions", SqlArray.integer(partitions, Partition::number))
                    .map((row, context) -> Map.entry(
                            new Partition(row.getString("topic"), row.getInt("partition")), row.getLong("next_offset")))
                    .forEach(each -> offsets.put(each.getKey(), each.getValue()));
            return offsets;
        });
    }

    /** Advances partitions that brought no change. */
    public void advance(Collection<Advance> advances) {
        database.useTransaction(transaction -> advance(transaction, advances));
    }

    /**
     * Advances partitions in the caller's transaction. Until it ends no other process advances them.
     *
     * @throws OffsetsMovedException if one of them is not where the advance begins
     */
    void advance(Handle transaction, Collection<Advance> advances) {
        if (advances.isEmpty()) {
            return;
        }
        int moved = transaction
                .createUpdate("""
                        with locked as (
                            select o.topic, o.partition, p.to_offset
                            from consumer_offset o join unnest(:topics, :partitions, :from, :to)
                                as p(topic, partition, from_offset, to_offset)
                            on o.topic = p.topic and o.partition = p.partition and o.next_offset = p.from_offset
                            order by o.topic, o.partition for update of o)
                        update consumer_offset o set next_offset = locked.to_offset
                        from locked where o.topic = locked.topic and o.partition = locked.partition""")
                .bind("topics", SqlArray.text(advances, each -> each.partition.topic))
                .bind("partitions", SqlArray.integer(advances, each -> each.partition.number))
                .bind("from", SqlArray.bigint(advances, Advance::from))
                .bind("to", SqlArray.bigint(advances, Advance::to))
                .execute();
        if (moved != advances.size()) {
            throw new OffsetsMovedException();
        }
    }
}
