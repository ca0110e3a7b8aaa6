package io.shoal.storage.database;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.jdbi.v3.core.Jdbi;

/** Our database, as SQL. Every failure of it is a {@link org.jdbi.v3.core.JdbiException}. */
@ApplicationScoped
class Database {
    @Produces
    @Singleton
    Jdbi jdbi(AgroalDataSource pool) {
        return Jdbi.create(pool);
    }
}
