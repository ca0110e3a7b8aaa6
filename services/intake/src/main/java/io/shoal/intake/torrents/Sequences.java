package io.shoal.intake.torrents;

import io.shoal.contracts.Generation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.Optional;

/** Numbers that only rise, over all replicas: a number drawn later, by a transaction that waited for the row, is higher. */
@ApplicationScoped
public class Sequences {
    private final EntityManager database;

    Sequences(EntityManager database) {
        this.database = database;
    }

    /** The revision of a change. Draw it when the row is locked. */
    @Transactional
    public long nextRev() {
        return next("rev_seq");
    }

    /**
     * The generation of a new life of a torrent: microseconds of the database's clock, which say nothing of how many torrents
     * others add. Links into the store show it. Higher than that of any life before, which ended a while ago.
     *
     * @param before the generation of the life before, if it is known
     */
    @Transactional
    public Generation nextGeneration(Optional<Generation> before) {
        long micros = ((Number) database.createNativeQuery(
                                "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)", Long.class)
                        .getSingleResult())
                .longValue();
        return new Generation(Math.max(micros, before.map(Generation::value).orElse(0L) + 1));
    }

    private long next(String sequence) {
        return ((Number) database.createNativeQuery("select nextval('" + sequence + "')", Long.class)
                        .getSingleResult())
                .longValue();
    }
}
