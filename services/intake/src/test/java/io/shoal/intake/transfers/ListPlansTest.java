package io.shoal.intake.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hibernate.Session;
import org.junit.jupiter.api.Test;

/** How the database finds a page of a large library among others, by its own account. */
@QuarkusTest
@OnPlatform
class ListPlansTest {
    private static final int TRANSFERS = 20_000;

    /** Rows that one step may handle for a page of 50: far fewer than the library has. */
    private static final int ROWS_MAX = 2_500;

    /** The rows of a step, and those that it has read in vain. */
    private static final Pattern ROWS = Pattern.compile("rows=([0-9.]+) loops=|Rows Removed by [A-Za-z ]+: ([0-9]+)");

    private static final String TRANSFER = """
            insert into transfer (id, tenant_id, info_hash, name, sources, private, wanted, paused, state, rev, wanted_bytes,
                                  joined_up, created_at, number, labels, category_id, sort_name, search_text, size, complete, queue_rank)
            select gen_random_uuid(), :tenant, lpad(to_hex(i), 40, '0'), 'n', '', false, '', true,
                   case when i % 1000 = 0 then 'FAILED' when i % 3 = 0 then 'PAUSED' else 'DONE' end, 0, 0, 0,
                   now() - i * interval '1 second', i,
                   case when i % 500 = 0 then array['rare', 'common'] when i % 2 = 0 then array['common'] else '{}' end,
                   case when i % 400 = 0 then null when i % 300 = 0 then cast(:few as uuid) else cast(:many as uuid) end,
                   md5(text(i)),
                   'linux ' || md5(text(i)) || case when i % 700 = 0 then ' needle'
                                                    when i % 701 = 0 then ' \u0438\u0433\u043e\u043b\u043a\u0430'
                                                    when i % 703 = 0 then ' \u6f22\u5b57\u91dd' else '' end,
                   i % 977, i % 7 = 0, i
              from generate_series(1, :count) as i
            """;

    @Inject
    TransferLists lists;

    @Inject
    TransferCounts counts;

    @Inject
    Session database;

    @Test
    void aPageReadsLittleMoreThanItShows() {
        UUID tenant = UUID.fromString(Tenant.create().id());
        UUID other = UUID.fromString(Tenant.create().id());
        QuarkusTransaction.begin();
        try {
            UUID few = fill(tenant, TRANSFERS);
            fill(other, TRANSFERS / 2);
            database.createNativeMutationQuery("update transfer_figures set progress = random(), ratio = random()"
                            + " where tenant_id = :tenant")
                    .setParameter("tenant", tenant)
                    .executeUpdate();
            List.of("transfer", "transfer_figures")
                    .forEach(table -> database.createNativeMutationQuery("analyze " + table)
                            .executeUpdate());
            Map<String, ListFilter> filters = new LinkedHashMap<>();
            filters.put("all", ListFilter.ALL);
            filters.put("a frequent state", states(TransferState.DONE));
            filters.put("a rare state", states(TransferState.FAILED));
            filters.put("two states", states(TransferState.FAILED, TransferState.PAUSED));
            filters.put("a frequent label", labelled("common"));
            filters.put("a rare label", labelled("rare"));
            filters.put(
                    "a small category",
                    new ListFilter(EnumSet.noneOf(TransferState.class), null, new ListFilter.Filed(few), null));
            filters.put(
                    "no category",
                    new ListFilter(EnumSet.noneOf(TransferState.class), null, new ListFilter.Filed(null), null));
            filters.put("a frequent text", new ListFilter(EnumSet.noneOf(TransferState.class), null, null, "LINUX"));
            filters.put("a rare text", new ListFilter(EnumSet.noneOf(TransferState.class), null, null, "needle"));
            for (String text : List.of(
                    "\u0418\u0413\u041e\u041b\u041a\u0410", "\u6f22\u5b57\u91dd")) { // letters that are not ASCII
                filters.put("the text " + text, new ListFilter(EnumSet.noneOf(TransferState.class), null, null, text));
            }
            for (String text : List.of("ab", "zz", "--", "1.0")) {
                filters.put(
                        "the short text " + text,
                        new ListFilter(EnumSet.noneOf(TransferState.class), null, null, text));
            }
            filters.forEach((name, filter) -> Arrays.stream(ListOrder.Key.values())
                    .flatMap(key -> List.of(new ListOrder(key, false), new ListOrder(key, true)).stream())
                    .forEach(order -> check(name, VisibleLibrary.whole(tenant), filter, order)));
            for (String label : List.of("common", "rare")) {
                VisibleLibrary ofAppKey = new VisibleLibrary(tenant, label);
                for (ListFilter filter : List.of(ListFilter.ALL, states(TransferState.FAILED), labelled("rare"))) {
                    check("an app key of " + label, ofAppKey, filter, new ListOrder(ListOrder.Key.ADDED, true));
                    check("an app key of " + label, ofAppKey, filter, new ListOrder(ListOrder.Key.NAME, false));
                }
            }
            assertThat(counts.explain(new VisibleLibrary(tenant, "rare")))
                    .as("counts of an app key read what it sees")
                    .noneMatch(line -> line.contains("Seq Scan on transfer"));
            assertThat(counts.explain(
                            VisibleLibrary.whole(UUID.fromString(Tenant.create().id()))))
                    .as("counts of a small library read no others")
                    .noneMatch(line -> line.contains("Seq Scan on transfer"));
        } finally {
            QuarkusTransaction.rollback();
        }
    }

    private static ListFilter labelled(String label) {
        return new ListFilter(EnumSet.noneOf(TransferState.class), label, null, null);
    }

    private static ListFilter states(TransferState first, TransferState... more) {
        return new ListFilter(EnumSet.of(first, more), null, null, null);
    }

    private UUID fill(UUID tenant, int count) {
        UUID few = category(tenant, "few");
        database.createNativeMutationQuery(TRANSFER)
                .setParameter("tenant", tenant)
                .setParameter("few", few)
                .setParameter("many", category(tenant, "many"))
                .setParameter("count", count)
                .executeUpdate();
        return few;
    }

    private UUID category(UUID tenant, String name) {
        UUID id = UUID.randomUUID();
        database.createNativeMutationQuery(
                        "insert into category (id, tenant_id, name, created_at) values (:id, :tenant, :name, now())")
                .setParameter("id", id)
                .setParameter("tenant", tenant)
                .setParameter("name", name)
                .executeUpdate();
        return id;
    }

    private void check(String name, VisibleLibrary library, ListFilter filter, ListOrder order) {
        List<String> plan = lists.explain(library, filter, order);
        String all = name + " by " + order + "\n" + String.join("\n", plan);
        assertThat(plan).as(all).noneMatch(line -> line.contains("Seq Scan"));
        for (String line : plan) {
            Matcher rows = ROWS.matcher(line);
            while (rows.find()) {
                double count = Double.parseDouble(rows.group(1) == null ? rows.group(2) : rows.group(1));
                assertThat(count).as(all).isLessThan(ROWS_MAX);
            }
        }
    }
}
