package io.shoal.intake.transfers;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hibernate.Session;
import org.hibernate.query.NativeQuery;
import org.hibernate.type.StandardBasicTypes;
import org.jspecify.annotations.Nullable;

/**
 * Lists the transfers of one library, filtered and in order. Each order is that of an index, so a page reads about as many rows as it
 * has, and each filter has an index for when few transfers pass it: the database chooses by its statistics. A list takes
 * {@link #MILLIS} at most, because a filter can be such that neither helps.
 *
 * <p>Names are searched by their trigrams. A text of which no trigram follows, such as one or two letters, would be looked for in every name
 * of the library: it is taken as the beginning of the shown name, which the index of that order finds.
 *
 * <p>All methods must be called inside a transaction.
 */
@ApplicationScoped
public class TransferLists {
    /** How long the database may look for a page. */
    private static final int MILLIS = 5_000;

    /**
     * The database plans each list for its own values: a plan for any label would read the whole library in order to find the few
     * transfers that have a rare one. It must not read the figures of all libraries for the few transfers that a text finds, which it
     * does where it takes rows apart from each other to be as expensive as on a rotating disk.
     */
    private static final String SETTINGS = "select set_config('statement_timeout', '" + MILLIS
            + "', true), set_config('plan_cache_mode', 'force_custom_plan', true), set_config('random_page_cost', '1.1', true)";

    /**
     * Texts of which the database makes a trigram: words are filled up with two spaces before and one after them, where the text shows
     * that they begin or end there.
     */
    private static final Pattern TRIGRAM =
            Pattern.compile("[\\p{L}\\p{N}]{3}|[\\p{L}\\p{N}]{2}[^\\p{L}\\p{N}]|[^\\p{L}\\p{N}][\\p{L}\\p{N}]");

    /** The figures are looked up for what is found only, unless the list is ordered by them. */
    private static final String SELECT = "select {t.*}, cast(0 as double precision) as figure,"
            + " (select f.active_at from transfer_figures f where f.transfer_id = t.id) as active_at"
            + " from transfer t where ";

    private static final String HAS_LABELS = "t.labels @> cast(:labels as text[])";

    private final Session database;

    TransferLists(Session database) {
        this.database = database;
    }

    /** Returns the transfer, if it is visible. */
    public Optional<Found> find(VisibleLibrary library, UUID id) {
        Map<String, Object> parameters = new HashMap<>(Map.of("id", id));
        String sql = SELECT + "t.id = :id and " + visible(library, parameters);
        return found(query(sql, parameters)).stream().findFirst();
    }

    /** Returns those of these transfers that are visible, in the order in which they changed last. */
    public List<Found> all(VisibleLibrary library, List<UUID> ids) {
        Map<String, Object> parameters = new HashMap<>(Map.of("ids", ids.toArray(UUID[]::new)));
        String sql = SELECT + "t.id = any(cast(:ids as uuid[])) and " + visible(library, parameters)
                + " order by t.change, t.id";
        return found(query(sql, parameters));
    }

    /** Returns those of these transfers that exist, whichever libraries they are in. */
    public List<Found> ofAnyTenant(Collection<UUID> ids) {
        return found(query(SELECT + "t.id = any(cast(:ids as uuid[]))", Map.of("ids", ids.toArray(UUID[]::new))));
    }

    private static String visible(VisibleLibrary library, Map<String, Object> parameters) {
        parameters.put("tenant", library.tenant());
        if (library.label() == null) {
            return "t.tenant_id = :tenant";
        }
        parameters.put("labels", new String[] {library.label()});
        return "t.tenant_id = :tenant and " + HAS_LABELS;
    }

    /** Returns up to {@code limit} visible transfers that pass {@code filter}, those after {@code after}. */
    public List<Found> list(
            VisibleLibrary library, ListFilter filter, ListOrder order, ListOrder.@Nullable Position after, int limit) {
        database.createNativeQuery(SETTINGS, Object.class).getSingleResult();
        Map<String, Object> parameters = new HashMap<>();
        String sql = sql(library, filter, order, after, parameters);
        return found(query(sql, parameters).setMaxResults(limit));
    }

    /** Returns how the database would find the first page, for a test to look at. */
    List<String> explain(VisibleLibrary library, ListFilter filter, ListOrder order) {
        database.createNativeQuery(SETTINGS, Object.class).getSingleResult();
        Map<String, Object> parameters = new HashMap<>();
        String sql = sql(library, filter, order, null, parameters);
        NativeQuery<String> query = database.createNativeQuery(
                "explain analyze " + sql.replace("{t.*}", "t.*") + " limit 51", String.class);
        parameters.forEach(query::setParameter);
        return query.getResultList();
    }

    private static String sql(
            VisibleLibrary library,
            ListFilter filter,
            ListOrder order,
            ListOrder.@Nullable Position after,
            Map<String, Object> parameters) {
        List<String> conditions = new ArrayList<>();
        conditions.add("t.tenant_id = :tenant");
        parameters.put("tenant", library.tenant());
        if (!filter.states().isEmpty()) {
            conditions.add("t.state = any(cast(:states as text[]))");
            parameters.put(
                    "states", filter.states().stream().map(Enum::name).sorted().toArray(String[]::new));
        }
        String[] labels = Stream.of(library.label(), filter.label())
                .filter(Objects::nonNull)
                .distinct()
                .toArray(String[]::new);
        if (labels.length > 0) {
            conditions.add(HAS_LABELS);
            parameters.put("labels", labels);
        }
        if (filter.category() != null) {
            UUID category = filter.category().category();
            conditions.add(category == null ? "t.category_id is null" : "t.category_id = :category");
            if (category != null) {
                parameters.put("category", category);
            }
        }
        if (filter.text() != null) {
            String text = Marks.folded(filter.text());
            boolean isIndexed = TRIGRAM.matcher(text).find();
            conditions.add(isIndexed ? "t.search_text like :text" : "t.sort_name like :text");
            parameters.put("text", (isIndexed ? "%" : "") + escaped(text) + "%");
        }
        if (order.key() == ListOrder.Key.QUEUE) {
            conditions.add("not t.complete");
        }
        if (after != null) {
            conditions.add(order.after());
            parameters.put("value", after.value());
            parameters.put("id", after.id());
        }
        String select = order.key().isOfFigures() ? selectBy(order.figure()) : SELECT;
        return select + String.join(" and ", conditions) + " order by " + order.columns();
    }

    private static String selectBy(String figure) {
        return "select {t.*}, " + figure + " as figure, f.active_at as active_at from transfer t"
                + " join transfer_figures f on f.transfer_id = t.id where f.tenant_id = :tenant and ";
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }

    private NativeQuery<Object[]> query(String sql, Map<String, Object> parameters) {
        NativeQuery<Object[]> query = database.createNativeQuery(sql, Object[].class)
                .addEntity("t", Transfer.class)
                .addScalar("figure", StandardBasicTypes.DOUBLE)
                .addScalar("active_at", StandardBasicTypes.INSTANT);
        parameters.forEach(query::setParameter);
        return query;
    }

    private static List<Found> found(NativeQuery<Object[]> query) {
        return query.getResultList().stream()
                .map(row -> new Found((Transfer) row[0], (@Nullable Instant) row[2], (Double) row[1]))
                .toList();
    }
}
