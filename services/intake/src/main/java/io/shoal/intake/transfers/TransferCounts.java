package io.shoal.intake.transfers;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Tuple;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.hibernate.Session;
import org.hibernate.query.NativeQuery;
import org.jspecify.annotations.Nullable;

/**
 * Counts the transfers of a library by state, category and label. Counters that each change updates would make all changes of a
 * tenant wait for one another, so the transfers are counted, in two passes over those of one library.
 */
@ApplicationScoped
public class TransferCounts {
    /** Labels of which the counts are returned. */
    public static final int LABELS = 1_000;

    /** How long the database may count. */
    private static final int MILLIS = 5_000;

    /** Each statement is planned for its own tenant and label. */
    private static final String SETTINGS = "select set_config('statement_timeout', '" + MILLIS
            + "', true), set_config('plan_cache_mode', 'force_custom_plan', true)";

    private static final String FILED = "select t.state, c.id as category, count(*) as transfers from transfer t"
            + " left join category c on c.id = t.category_id and not c.deleted where {visible} group by t.state, c.id";

    private static final String LABELLED =
            "select label, count(*) as transfers from transfer t, unnest(t.labels) as label"
                    + " where {visible} and t.labels <> '{}' group by label order by transfers desc, label limit "
                    + (LABELS + 1);

    private final Session database;

    TransferCounts(Session database) {
        this.database = database;
    }

    /**
     * How many transfers there are.
     *
     * @param states by state; states without transfers are left out
     * @param categories by category; those without transfers are left out
     * @param uncategorised without a category
     * @param labels by label, the most frequent first, at most {@link #LABELS}
     * @param moreLabels whether there are more labels
     */
    public record Counts(
            Map<TransferState, Long> states,
            Map<UUID, Long> categories,
            long uncategorised,
            List<LabelCount> labels,
            boolean moreLabels) {
        /** Returns how many transfers there are in all. */
        public long total() {
            return states.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** How many transfers have a label. */
    public record LabelCount(String label, long transfers) {}

    /** Counts the visible transfers. */
    public Counts count(VisibleLibrary library) {
        return QuarkusTransaction.requiringNew().call(() -> {
            database.createNativeQuery(SETTINGS, Object.class).getSingleResult();
            Map<TransferState, Long> states = new EnumMap<>(TransferState.class);
            Map<UUID, Long> categories = new HashMap<>();
            long uncategorised = 0;
            for (Tuple row : query(FILED, library).getResultList()) {
                long transfers = row.get("transfers", Long.class);
                states.merge(TransferState.valueOf(row.get("state", String.class)), transfers, Long::sum);
                @Nullable UUID category = row.get("category", UUID.class);
                if (category == null) {
                    uncategorised += transfers;
                } else {
                    categories.merge(category, transfers, Long::sum);
                }
            }
            List<LabelCount> labels = query(LABELLED, library).getResultList().stream()
                    .map(row -> new LabelCount(row.get("label", String.class), row.get("transfers", Long.class)))
                    .toList();
            boolean more = labels.size() > LABELS;
            return new Counts(
                    Map.copyOf(states),
                    Map.copyOf(categories),
                    uncategorised,
                    List.copyOf(more ? labels.subList(0, LABELS) : labels),
                    more);
        });
    }

    private NativeQuery<Tuple> query(String sql, VisibleLibrary library) {
        return withVisible(library, sql, Tuple.class);
    }

    private <R> NativeQuery<R> withVisible(VisibleLibrary library, String sql, Class<R> result) {
        String visible = "t.tenant_id = :tenant"
                + (library.label() == null ? "" : " and t.labels @> array[cast(:label as text)]");
        NativeQuery<R> query = database.createNativeQuery(sql.replace("{visible}", visible), result)
                .setParameter("tenant", library.tenant());
        return library.label() == null ? query : query.setParameter("label", library.label());
    }

    /** Inside a transaction: returns how the database would count, for a test to look at. */
    List<String> explain(VisibleLibrary library) {
        database.createNativeQuery(SETTINGS, Object.class).getSingleResult();
        return Stream.of(FILED, LABELLED)
                .flatMap(sql -> withVisible(library, "explain analyze " + sql, String.class).getResultList().stream())
                .toList();
    }
}
