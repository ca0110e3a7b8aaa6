package io.shoal.storage.catalog;

import io.shoal.storage.database.SqlArray;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far each partition is taken into the catalog, in the catalog's own database: a database that is restored brings its offsets
 * along.
 *
 * <p>Invariant: the records of a partition are taken in one after the other, none twice and none skipped, whichever processes
 * consider themselves its owner. A process names the offset at which it believes the partition to be, and its transaction fails if
 * another process has moved it. Offsets of a topic that was deleted and created again are dropped, because the new topic may already
 * have records at the same offsets.
 */
@ApplicationScoped
public class ConsumerOffsets {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerOffsets.class);

    private final Jdbi database;

    public ConsumerOffsets(Jdbi database) {
        this.database = database;
    }

    /**
     * A partition of a topic.
     *
     * @param topicId the broker's id of the topic; a topic that is deleted and created again has another one
     */
    public record Partition(String topic, String topicId, int number) {}

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
            int recreated = bind(transaction.createUpdate("""
                            with other as (
                                select o.topic, o.partition, p.topic_id
                                from consumer_offset o join unnest(:topics, :partitions, :ids) as p(topic, partition, topic_id)
                                on o.topic = p.topic and o.partition = p.partition and o.topic_id <> p.topic_id
                                order by o.topic, o.partition for update of o)
                            update consumer_offset o set topic_id = other.topic_id, next_offset = 0
                            from other where o.topic = other.topic and o.partition = other.partition"""), partitions).execute();
            if (recreated > 0) {
                LOG.warn(
                        "{} partitions are of topics that were created again: they are read from the beginning",
                        recreated);
            }
            bind(transaction.createUpdate("""
                            insert into consumer_offset (topic, partition, topic_id, next_offset)
                            select topic, partition, topic_id, 0
                            from unnest(:topics, :partitions, :ids) as p(topic, partition, topic_id)
                            order by topic, partition on conflict do nothing"""), partitions).execute();
            Map<Partition, Long> offsets = new HashMap<>();
            bind(transaction.createQuery("""
                            select topic, topic_id, partition, next_offset
                            from consumer_offset join unnest(:topics, :partitions, :ids) as p(topic, partition, topic_id)
                            using (topic, partition, topic_id)"""), partitions)
                    .map((row, context) -> Map.entry(
                            new Partition(row.getString("topic"), row.getString("topic_id"), row.getInt("partition")),
                            row.getLong("next_offset")))
                    .forEach(each -> offsets.put(each.getKey(), each.getValue()));
            return offsets;
        });
    }

    private static <S extends SqlStatement<S>> S bind(S statement, Collection<Partition> partitions) {
        return statement
                .bind("topics", SqlArray.text(partitions, Partition::topic))
                .bind("partitions", SqlArray.integer(partitions, Partition::number))
                .bind("ids", SqlArray.text(partitions, Partition::topicId));
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
                            from consumer_offset o join unnest(:topics, :partitions, :ids, :from, :to)
                                as p(topic, partition, topic_id, from_offset, to_offset)
                            on o.topic = p.topic and o.partition = p.partition and o.topic_id = p.topic_id
                                and o.next_offset = p.from_offset
                            order by o.topic, o.partition for update of o)
                        update consumer_offset o set next_offset = locked.to_offset
                        from locked where o.topic = locked.topic and o.partition = locked.partition""")
                .bind("topics", SqlArray.text(advances, each -> each.partition.topic))
                .bind("partitions", SqlArray.integer(advances, each -> each.partition.number))
                .bind("ids", SqlArray.text(advances, each -> each.partition.topicId))
                .bind("from", SqlArray.bigint(advances, Advance::from))
                .bind("to", SqlArray.bigint(advances, Advance::to))
                .execute();
        if (moved != advances.size()) {
            throw new OffsetsMovedException();
        }
    }
}
