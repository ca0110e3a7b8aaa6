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
import java.util.List;
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
        assertThat(count("select count(*) from torrent where tenant_id = :tenant and state = 'LIVE'", id))
                .isZero();
        QuarkusTransaction.requiringNew().run(() -> forgetTorrents(id));
    }

    /** Other tests must not wait until thousands of torrents have been published and purged. */
    private void forgetTorrents(UUID tenant) {
        for (String delete : new String[] {
            "delete from dirty_key d using torrent t where t.tenant_id = :tenant and d.key in (t.id, t.id || '/0')",
            "delete from torrent where tenant_id = :tenant"
        }) {
            database.createNativeMutationQuery(delete)
                    .setParameter("tenant", tenant)
                    .executeUpdate();
        }
    }

    /** Copies of the one transfer that the tenant has, and of its torrent. */
    private void fill(UUID tenant) {
        List<String> hashes =
                IntStream.range(0, TRANSFERS).mapToObj("%040x"::formatted).toList();
        List<String> torrents = hashes.stream()
                .map(hash ->
                        TorrentId.of(tenant.toString(), InfoHash.ofHex(hash)).value())
                .toList();
        copy("torrent", Map.of("id", "copy.torrent", "info_hash", "copy.hash"), hashes, torrents, tenant);
        copy(
                "transfer",
                Map.of("id", "gen_random_uuid()", "torrent_id", "copy.torrent", "info_hash", "copy.hash"),
                hashes,
                torrents,
                tenant);
    }

    private void copy(
            String table, Map<String, String> changed, List<String> hashes, List<String> torrents, UUID tenant) {
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
                        + " copy(hash, torrent) where tenant_id = :tenant")
                .setParameter("hashes", String.join(",", hashes))
                .setParameter("torrents", String.join(",", torrents))
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
