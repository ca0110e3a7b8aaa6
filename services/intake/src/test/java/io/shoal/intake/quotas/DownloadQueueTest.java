package io.shoal.intake.quotas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The order in which a tenant wants its downloads. */
@QuarkusTest
@OnPlatform
class DownloadQueueTest {
    private static final List<String> MOVES = List.of("top", "up", "down", "bottom");

    @Inject
    AgroalDataSource database;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    private List<String> add(int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Response added = tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small()), "paused", true));
            added.then().statusCode(201).body("queuePosition", equalTo(i));
            ids.add(added.path("id"));
        }
        return ids;
    }

    private Response move(List<String> ids, String move) {
        return tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", ids, "move", move))
                .post("/v1/transfers/queue");
    }

    private RequestSpecification inOrder() {
        return tenant.asks().queryParams("sort", "queue", "limit", 200);
    }

    /** Returns the queue, after checking that the positions are those of the list. */
    private List<String> queue() {
        Response list = inOrder().get("/v1/transfers");
        list.then().statusCode(200);
        List<String> ids = list.path("items.id");
        assertThat(list.<List<Integer>>path("items.queuePosition"))
                .isEqualTo(IntStream.range(0, ids.size()).boxed().toList());
        return ids;
    }

    /** What a move does to a list. */
    private static void apply(List<String> list, Set<String> moved, String move) {
        List<String> those = list.stream().filter(moved::contains).toList();
        switch (move) {
            case "top" -> {
                list.removeAll(those);
                list.addAll(0, those);
            }
            case "bottom" -> {
                list.removeAll(those);
                list.addAll(those);
            }
            case "up" -> {
                for (String id : those) {
                    int at = list.indexOf(id);
                    if (at > 0 && !moved.contains(list.get(at - 1))) {
                        Collections.swap(list, at, at - 1);
                    }
                }
            }
            default -> {
                for (String id : those.reversed()) {
                    int at = list.indexOf(id);
                    if (at < list.size() - 1 && !moved.contains(list.get(at + 1))) {
                        Collections.swap(list, at, at + 1);
                    }
                }
            }
        }
    }

    @Test
    void movesDoToTheQueueWhatTheyDoToAList() {
        List<String> expected = add(7);
        assertThat(queue()).as("new ones are at the end").isEqualTo(expected);
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            List<String> some = new ArrayList<>(expected);
            Collections.shuffle(some, random);
            some = some.subList(0, 1 + random.nextInt(some.size()));
            String move = MOVES.get(random.nextInt(MOVES.size()));
            apply(expected, new HashSet<>(some), move);
            move(some, move).then().statusCode(200);
            assertThat(queue()).as("%s %s", move, some).isEqualTo(expected);
        }
        String last = tenant.add(Torrents.small());
        expected.add(last);
        assertThat(queue()).as("after moves to the end too").isEqualTo(expected);
        tenant.remove(expected.remove(2));
        assertThat(queue()).isEqualTo(expected);
    }

    @Test
    void eachMoveHasAResultForEachId() {
        List<String> ids = add(2);
        Tenant other = Tenant.create();
        String others = other.add(Torrents.small());
        String missing = UUID.randomUUID().toString();
        move(List.of(ids.get(1), missing, others, "nonsense", ids.get(1)), "top")
                .then()
                .statusCode(200)
                .body("results.id", contains(ids.get(1), missing, others, "nonsense"))
                .body("results.done", contains(true, false, false, false))
                .body("results.code", contains(null, "not-found", "not-found", "not-found"));
        assertThat(queue()).containsExactly(ids.get(1), ids.get(0));
        move(List.of(missing), "up").then().statusCode(200).body("results.done", contains(false));
        for (String wrong : List.of("TOP", "first", "")) {
            refused(move(ids, wrong), "move");
        }
        refused(move(List.of(), "top"), "ids");
        refused(move(Collections.nCopies(1_001, missing), "top"), "ids");
        refused(
                tenant.asks()
                        .contentType(ContentType.JSON)
                        .body("{\"ids\":[\"x\"]}")
                        .post("/v1/transfers/queue"),
                "move");
        assertThat(queue()).containsExactly(ids.get(1), ids.get(0));
    }

    private static void refused(Response response, String field) {
        response.then().statusCode(422).body("code", equalTo("invalid-field")).body("field", equalTo(field));
    }

    @Test
    void whatIsCompleteIsNotInTheQueue() throws SQLException {
        List<String> ids = add(3);
        execute("update transfer set complete = true where id = '" + UUID.fromString(ids.getFirst()) + "'");
        inOrder()
                .get("/v1/transfers")
                .then()
                .body("items.id", contains(ids.get(1), ids.get(2)))
                .body("items.queuePosition", contains(0, 1));
        inOrder()
                .queryParam("state", "SEEDING", "DONE")
                .get("/v1/transfers")
                .then()
                .body("items", empty());
        tenant.get(ids.getFirst()).then().body("queuePosition", nullValue());
        move(List.of(ids.get(0), ids.get(2)), "up").then().body("results.done", contains(true, true));
        inOrder().get("/v1/transfers").then().body("items.id", contains(ids.get(2), ids.get(1)));
    }

    @Test
    void whatIsCompleteKeepsItsPlace() throws SQLException {
        List<String> ids = add(3);
        String complete = ids.get(1);
        UUID id = UUID.fromString(complete);
        long rank = rank(complete);
        execute("update transfer set complete = true where id = '" + id + "'");
        for (String move : MOVES) {
            move(List.of(complete), move).then().statusCode(200).body("results.done", contains(true));
            assertThat(rank(complete)).as(move).isEqualTo(rank);
        }
        move(List.of(complete, ids.get(2)), "top").then().statusCode(200);
        execute("update transfer set complete = false where id = '" + id + "'");
        assertThat(queue()).containsExactly(ids.get(2), ids.get(0), complete);
    }

    private long rank(String id) throws SQLException {
        return count("select queue_rank from transfer where id = '" + UUID.fromString(id) + "'");
    }

    /** Another transaction that locks the same two in the order of their ids ends, though it was first at one of them only. */
    @Test
    void theNeighbourIsLockedInTheOrderOfIds() throws Exception {
        List<String> ids = add(2);
        String first = Collections.min(ids);
        String second = Collections.max(ids);
        try (var threads = Executors.newSingleThreadExecutor();
                var connection = database.getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            Future<Response> moved;
            try {
                statement.execute("select id from transfer where id = '" + first + "' for update");
                long us = number(statement, "select pg_backend_pid()");
                moved = threads.submit(() -> move(List.of(second), ids.indexOf(first) == 0 ? "up" : "down"));
                Tenant.await()
                        .until(() -> count("select count(*) from pg_stat_activity where query like"
                                        + " '%for no key update' and " + us + " = any(pg_blocking_pids(pid))")
                                == 1);
                statement.execute("select id from transfer where id = '" + second + "' for update nowait");
            } finally {
                connection.rollback();
            }
            moved.get().then().statusCode(200);
        }
        assertThat(queue()).containsExactlyElementsOf(ids.reversed());
    }

    @Test
    void aPageGoesOnWhereItEndedThoughTransfersMove() {
        List<String> ids = add(5);
        Response page = tenant.asks().queryParams("sort", "queue", "limit", 2).get("/v1/transfers");
        assertThat(page.<List<String>>path("items.id")).isEqualTo(ids.subList(0, 2));
        move(List.of(ids.get(4)), "top").then().statusCode(200);
        move(List.of(ids.get(0)), "bottom").then().statusCode(200);
        assertThat(next(page.path("next"))).containsExactly(ids.get(2), ids.get(3), ids.get(0));
    }

    private List<String> next(String cursor) {
        Response page = tenant.asks()
                .queryParams("sort", "queue", "limit", 10, "cursor", cursor)
                .get("/v1/transfers");
        page.then().statusCode(200);
        return page.path("items.id");
    }

    @Test
    void movesAtOnceLoseNoTransferAndNoPlace() throws Exception {
        List<String> ids = add(6);
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                Random random = new Random(thread);
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 25; i++) {
                        List<String> some = new ArrayList<>(ids);
                        Collections.shuffle(some, random);
                        move(some.subList(0, 1 + random.nextInt(3)), MOVES.get(random.nextInt(MOVES.size())))
                                .then()
                                .statusCode(200);
                        tenant.patch(some.getFirst(), "{\"paused\":" + random.nextBoolean() + "}")
                                .then()
                                .statusCode(200);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(queue()).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(count("select count(distinct queue_rank) from transfer where tenant_id = '%s'"
                        .formatted(UUID.fromString(tenant.id()))))
                .isEqualTo(ids.size());
    }

    /** In a queue of 500, of which only the last few were added through the API. */
    @Test
    void aMoveWritesFewRowsOfALongQueue() throws SQLException {
        UUID id = UUID.fromString(tenant.id());
        execute("""
                insert into transfer (id, tenant_id, info_hash, name, sources, private, wanted, paused, state, rev, wanted_bytes,
                                      joined_up, created_at, number, sort_name, search_text, queue_rank)
                select gen_random_uuid(), '%s', lpad(to_hex(i), 40, '0'), 'n', '', false, '', true, 'PAUSED', 0, 0, 0, now(),
                       -i, 'n', 'n', i from generate_series(1, 500) as i""".formatted(id));
        execute("update tenant_quota set queue_last = 500 where tenant_id = '" + id + "'");
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.add(tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small()), "paused", true))
                    .path("id"));
            tenant.get(ids.get(i)).then().body("queuePosition", equalTo(500 + i));
        }
        for (String move : List.of("up", "down", "top", "bottom")) {
            String before = "(select max(change) from transfer where tenant_id = '%s')".formatted(id);
            long last = count("select cast(cast(%s as text) as bigint)".formatted(before));
            move(List.of(ids.get(0), ids.get(2)), move).then().statusCode(200);
            assertThat(count("select count(*) from transfer where tenant_id = '%s' and change > cast('%d' as xid8)"
                            .formatted(id, last)))
                    .as(move)
                    .isBetween(2L, 4L);
        }
        tenant.get(ids.getFirst()).then().body("queuePosition", equalTo(501));
        tenant.get(ids.get(1)).then().body("queuePosition", equalTo(500));
        execute("delete from transfer where number < 0 and tenant_id = '" + id + "'");
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private long count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            return number(statement, sql);
        }
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
