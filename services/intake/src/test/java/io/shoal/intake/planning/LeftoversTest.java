package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.intake.transfers.Transfers;
import io.shoal.objectstore.ObjectStore;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing stays behind of what came to nothing, and two clients of a tenant do not confuse one another. */
@QuarkusTest
@OnPlatform
class LeftoversTest {
    @Inject
    ObjectStore store;

    @Inject
    AgroalDataSource database;

    @Inject
    MetadataSweep sweep;

    @Inject
    Transfers transfers;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    @Test
    void metadataOfATransferThatIsGoneIsDeleted() throws Exception {
        Metainfo torrent = Torrents.small();
        String removed = search(Torrents.small());
        String waits = search(torrent);
        tenant.remove(removed);
        // A worker may write it after the search has ended.
        write(removed);
        write(waits);
        Tenant.await().until(() -> {
            sweep.sweep(); // by the scheduler too; the turn that comes second does nothing
            return !isThere(removed);
        });
        assertThat(isThere(waits)).isTrue();
        tenant.submit(torrent).then().statusCode(200);
        Tenant.await().until(() -> {
            sweep.sweep();
            return !isThere(waits);
        });
    }

    /** A denial locks the transfer, blocks it, and keeps its metadata afterwards: here it has come as far as the lock. */
    @Test
    void metadataThatADenialMayKeepIsNotDeleted() throws Exception {
        String id = tenant.add(Torrents.small());
        UUID transfer = UUID.fromString(id);
        QuarkusTransaction.begin();
        try {
            transfers.lock(transfer).orElseThrow().deny();
            write(id);
            assertThat(sweep.delete(List.of(transfer))).isTrue();
            assertThat(isThere(id)).isTrue();
        } finally {
            QuarkusTransaction.rollback();
        }
        assertThat(sweep.delete(List.of(transfer))).isTrue();
        assertThat(isThere(id)).isFalse();
    }

    private String search(Metainfo torrent) {
        return tenant.submit(Map.of("magnet", Torrents.magnet(torrent))).path("id");
    }

    private void write(String transfer) throws Exception {
        store.put(ObjectKeys.resolved(UUID.fromString(transfer)), ByteBuffer.wrap(new byte[] {1}));
    }

    private boolean isThere(String transfer) throws Exception {
        return store.size(ObjectKeys.resolved(UUID.fromString(transfer))).isPresent();
    }

    @Test
    void theInfoOfAPlanThatWasNotCommittedIsDeleted() throws Exception {
        Metainfo torrent = Torrents.small();
        String name = "refuse_" + UUID.randomUUID().toString().replace("-", "");
        execute("create function " + name + "() returns trigger language plpgsql as"
                + " $$ begin raise exception 'refused by a test'; end $$");
        execute("create trigger " + name + " before insert on transfer for each row when (new.info_hash = '"
                + torrent.info().hash() + "') execute function " + name + "()");
        try {
            tenant.submit(torrent).then().statusCode(500);
        } finally {
            execute("drop function " + name + " cascade");
        }
        List<String> left = new ArrayList<>();
        store.list(
                "torrents/" + TorrentId.of(tenant.id(), torrent.info().hash()) + "/", object -> left.add(object.key()));
        assertThat(left).isEmpty();
        tenant.submit(torrent).then().statusCode(201);
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void addingFindsOrAddsWhileAnotherClientRemoves() throws Exception {
        Metainfo torrent = Torrents.small();
        Callable<List<Integer>> adds = () -> {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                statuses.add(tenant.submit(torrent).statusCode());
            }
            return statuses;
        };
        Callable<List<Integer>> removes = () -> {
            for (int i = 0; i < 60; i++) {
                List<String> there = tenant.asks().get("/v1/transfers").path("items.id");
                there.forEach(id -> tenant.asks().delete("/v1/transfers/" + id));
            }
            return List.of();
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            for (Future<List<Integer>> statuses : threads.invokeAll(List.of(adds, adds, removes))) {
                assertThat(statuses.get()).isSubsetOf(200, 201);
            }
        }
    }
}
