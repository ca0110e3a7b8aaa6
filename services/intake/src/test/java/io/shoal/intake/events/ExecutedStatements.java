package io.shoal.intake.events;

import io.quarkus.hibernate.orm.PersistenceUnitExtension;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.hibernate.resource.jdbc.spi.StatementInspector;

/** Counts the statements that the service executes. */
@PersistenceUnitExtension
public class ExecutedStatements implements StatementInspector {
    private static final long serialVersionUID = 1L;

    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    @Override
    public String inspect(String sql) {
        counts.merge(sql.toLowerCase(Locale.ROOT), 1, Integer::sum);
        return sql;
    }

    /** Returns how many statements were executed whose text contains {@code part}. */
    long containing(String part) {
        return counts.entrySet().stream()
                .filter(each -> each.getKey().contains(part))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
