package io.shoal.storage;

import io.agroal.api.AgroalDataSource;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;

/** The real database, which a test can take away. */
@ApplicationScoped
public class FaultyDatabase {
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Map<String, LongAdder> statements = new ConcurrentHashMap<>();
    private volatile boolean down;

    /** No connection is given while it is. */
    public void setDown(boolean down) {
        refused.clear();
        this.down = down;
    }

    /** Whether a thread of this name has asked for it in vain since it was taken away. */
    public boolean hasRefused(String thread) {
        return refused.contains(thread);
    }

    /** How many statements threads whose names begin so have executed, those about offsets left out. */
    public long statements(String threads) {
        return statements.entrySet().stream()
                .filter(each -> each.getKey().startsWith(threads))
                .mapToLong(each -> each.getValue().sum())
                .sum();
    }

    @Produces
    @Singleton
    @Alternative
    @Priority(1)
    Jdbi jdbi(AgroalDataSource pool) {
        return Jdbi.create(() -> connection(pool)).setSqlLogger(new SqlLogger() {
            @Override
            public void logAfterExecution(StatementContext context) {
                String sql = context.getRenderedSql();
                if (sql == null || !sql.contains("consumer_offset")) {
                    statements
                            .computeIfAbsent(Thread.currentThread().getName(), name -> new LongAdder())
                            .increment();
                }
            }
        });
    }

    private Connection connection(AgroalDataSource pool) throws SQLException {
        if (down) {
            refused.add(Thread.currentThread().getName());
            throw new SQLException("taken away by the test");
        }
        return pool.getConnection();
    }
}
