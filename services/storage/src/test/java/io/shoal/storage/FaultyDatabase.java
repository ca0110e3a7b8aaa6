package io.shoal.storage;

import io.agroal.api.AgroalDataSource;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;

/** The real database, which a test can take away. */
@ApplicationScoped
public class FaultyDatabase {
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private volatile boolean down;

    /** No connection is given while it is. */
    void setDown(boolean down) {
        refused.clear();
        this.down = down;
    }

    /** Whether a thread of this name has asked for it in vain since it was taken away. */
    boolean hasRefused(String thread) {
        return refused.contains(thread);
    }

    @Produces
    @Singleton
    @Alternative
    @Priority(1)
    Jdbi jdbi(AgroalDataSource pool) {
        return Jdbi.create(() -> connection(pool));
    }

    private Connection connection(AgroalDataSource pool) throws SQLException {
        if (down) {
            refused.add(Thread.currentThread().getName());
            throw new SQLException("taken away by the test");
        }
        return pool.getConnection();
    }
}
