package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hibernate.Session;
import org.junit.jupiter.api.Test;

/** Tenants of any size can be deleted. */
@QuarkusTest
@OnPlatform
class TenantRemovalTest {
    private static final int TRANSFERS = 5_000;

    @Inject
    Session database;

    @Test
    void aLargeLibraryIsRemovedInTheBackground() {
        Tenant tenant = Tenant.create();
        UUID id = UUID.fromString(tenant.id());
        tenant.add(Torrents.small());
        QuarkusTransaction.requiringNew().timeout(60).run(() -> fill(id));
        Instant asked = Instant.now();
        Tenant.operator()
                .delete("/v1/tenants/" + id)
                .then()
                .statusCode(202)
                .body("state", equalTo("DELETING"))
                .body("keys.size()", equalTo(0));
        assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(1));
        tenant.asks().get("/v1/transfers").then().statusCode(401);
        Tenant.operator().delete("/v1/tenants/" + id).then().statusCode(202);

        Tenant.await()
                .atMost(Duration.ofMinutes(3))
                .until(() -> Tenant.operator().get("/v1/tenants/" + tenant.id()).statusCode() == 404);
        assertThat(count("select count(*) from transfer where tenant_id = :tenant", id))
                .isZero();
        assertThat(count("select count(*) from torrent where owner = cast(:tenant as text) and state = 'LIVE'", id))
                .isZero();
        forgetTorrents(id);
    }

    /** Other tests must not wait until thousands of torrents have been published and purged. */
    private void forgetTorrents(UUID tenant) {
        String torrents = torrentsOf(tenant);
        forget("torrent", "id in (select unnest(string_to_array(:torrents, ',')))", torrents);
        forget("dirty_key", "split_part(key, '/', 1) in (select unnest(string_to_array(:torrents, ',')))", torrents);
    }

    /** Deletes rows beside the service, which works on them at the same time: neither waits for the other. */
    private void forget(String table, String which, String torrents) {
        Tenant.await().atMost(Duration.ofMinutes(1)).until(() -> {
            QuarkusTransaction.requiringNew()
                    .run(() -> database.createNativeMutationQuery("delete from " + table
                                    + " where ctid = any (array(select ctid from " + table + " where " + which
                                    + " for update skip locked))")
                            .setParameter("torrents", torrents)
                            .executeUpdate());
            return QuarkusTransaction.requiringNew()
                            .call(() -> database.createNativeQuery(
                                            "select count(*) from " + table + " where " + which, Long.class)
                                    .setParameter("torrents", torrents)
                                    .getSingleResult())
                    == 0;
        });
    }

    private static String hashes() {
        return IntStream.range(0, TRANSFERS).mapToObj("%040x"::formatted).collect(Collectors.joining(","));
    }

    private static String torrentsOf(UUID tenant) {
        return IntStream.range(0, TRANSFERS)
                .mapToObj("%040x"::formatted)
                .map(hash ->
                        TorrentId.of(tenant.toString(), InfoHash.ofHex(hash)).value())
                .collect(Collectors.joining(","));
    }

    /** Copies of the one transfer that the tenant has, and of its torrent. */
    private void fill(UUID tenant) {
        String hashes = hashes();
        String torrents = torrentsOf(tenant);
        copy("torrent", Map.of("id", "copy.torrent", "info_hash", "copy.hash"), hashes, torrents, tenant);
        copy(
                "transfer",
                Map.of(
                        "id",
                        "gen_random_uuid()",
                        "torrent_id",
                        "copy.torrent",
                        "info_hash",
                        "copy.hash",
                        "number",
                        "cast(1 + row_number() over () as int)"),
                hashes,
                torrents,
                tenant);
    }

    private void copy(String table, Map<String, String> changed, String hashes, String torrents, UUID tenant) {
        String columns = database.createNativeQuery(
                        "select column_name from information_schema.columns where table_name = :table"
                                + " order by ordinal_position",
                        String.class)
                .setParameter("table", table)
                .getResultStream()
                .map(column -> changed.getOrDefault(column, "original." + column))
                .collect(Collectors.joining(", "));
        int copied = database.createNativeMutationQuery("insert into " + table + " select " + columns + " from " + table
                        + " original, unnest(string_to_array(:hashes, ','), string_to_array(:torrents, ','))"
                        + " copy(hash, torrent) where "
                        + (table.equals("torrent") ? "owner = cast(:tenant as text)" : "tenant_id = :tenant"))
                .setParameter("hashes", hashes)
                .setParameter("torrents", torrents)
                .setParameter("tenant", tenant)
                .executeUpdate();
        assertThat(copied).isEqualTo(TRANSFERS);
    }

    private long count(String query, UUID tenant) {
        return QuarkusTransaction.requiringNew()
                .call(() -> database.createNativeQuery(query, Long.class)
                        .setParameter("tenant", tenant)
                        .getSingleResult());
    }
}
