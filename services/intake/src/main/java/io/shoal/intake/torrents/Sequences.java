package io.shoal.intake.torrents;

import io.shoal.contracts.Generation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;

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

    /** The generation of a new life. */
    @Transactional
    public Generation nextGeneration() {
        return new Generation(next("generation_seq"));
    }

    private long next(String sequence) {
        return ((Number) database.createNativeQuery("select nextval('" + sequence + "')", Long.class)
                        .getSingleResult())
                .longValue();
    }
}
