package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Leases;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.objectstore.ObjectStore;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From a link to a planned torrent, or to a failure with a reason. */
@QuarkusTest
@OnPlatform
class MagnetTest {
    @Inject
    Resolution resolution;

    @Inject
    Leases leases;

    @Inject
    ObjectStore store;

    @Inject
    AgroalDataSource database;

    @Inject
    Resolves resolves;

    private Tenant tenant = new Tenant("", "");
    private Fleet fleet;

    @BeforeEach
    void aTenantAndAFleet() {
        tenant = Tenant.create();
        fleet = new Fleet();
    }

    @AfterEach
    void closeFleet() {
        fleet.close();
    }

    private String addMagnet(String uri) {
        Response added = tenant.submit(Map.of("magnet", uri));
        added.then().statusCode(201).body("state", equalTo("RESOLVING"));
        return added.path("id");
    }

    private void resolved(String transfer, byte[] info) throws Exception {
        SliceRecord slice = fleet.awaitSlice("resolve/" + transfer, s -> true);
        String key = ObjectKeys.resolved(UUID.fromString(transfer));
        store.put(key, ByteBuffer.wrap(info));
        fleet.say(
                "resolve/" + transfer,
                Fleet.status(new Generation(1), slice.rev(), 1, StatusRecord.State.RESOLVED, null, Bits.NONE, 0, key));
    }

    @Test
    void aMagnetIsSearchedForAndPlanned() throws Exception {
        Metainfo torrent = Torrents.several();
        String uri = Torrents.magnet(torrent) + "&dn=Some%20%2Fname&so=0,2-3&x.pe=192.0.2.1:6881";
        Response added = tenant.submit(Map.of("magnet", uri, "private", true));
        String id = added.path("id");
        added.then()
                .statusCode(201)
                .body("state", equalTo("RESOLVING"))
                .body("name", equalTo("Some _name"))
                .body("size", nullValue());
        tenant.asks()
                .get("/v1/transfers/" + id + "/files")
                .then()
                .statusCode(409)
                .body("code", equalTo("metadata-pending"));
        tenant.asks().get("/v1/transfers/" + id + "/metainfo").then().statusCode(409);
        tenant.asks().post("/v1/transfers/" + id + "/files/0/links").then().statusCode(409);
        SliceRecord slice = fleet.awaitSlice("resolve/" + id, s -> true);
        assertThat(slice.kind()).isEqualTo(SliceRecord.Kind.RESOLVE);
        assertThat(slice.magnet()).isEqualTo(uri);
        assertThat(slice.isPrivate()).isTrue();
        assertThat(slice.lastSegment()).isEqualTo(-1);
        assertThat(slice.owner()).isEqualTo(tenant.id());

        resolved(id, torrent.info().bytes());

        tenant.awaitState(id, "QUEUED");
        fleet.awaitTombstone(Topic.SLICES, "resolve/" + id);
        String key = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        SliceRecord planned = fleet.awaitSlice(key, s -> true);
        assertThat(planned.isPrivate()).isTrue();
        assertThat(planned.peers())
                .as("of a private torrent only its trackers name peers")
                .isEmpty();
        assertThat(planned.trackers()).isEqualTo(torrent.trackers());
        assertThat(store.get(String.valueOf(planned.infoKey()), 1 << 20))
                .isEqualTo(torrent.info().bytes());
        Tenant.await()
                .until(() ->
                        store.size(ObjectKeys.resolved(UUID.fromString(id))).isEmpty());
        tenant.asks()
                .get("/v1/transfers/" + id + "/files")
                .then()
                .body("items.wanted", contains(true, false, true, true, false));
        tenant.get(id).then().body("name", equalTo(torrent.info().name())).body("private", is(true));
    }

    @Test
    void oneReplicaPlansItAndTheOthersTakeOverIfItIsKilled() throws Exception {
        Metainfo torrent = Torrents.small();
        String id = addMagnet(Torrents.magnet(torrent));
        UUID transfer = UUID.fromString(id);
        store.put(ObjectKeys.resolved(transfer), ByteBuffer.wrap(torrent.info().bytes()));
        long rev = fleet.awaitSlice("resolve/" + id, s -> true).rev();
        String lease = Resolution.lease(transfer, rev);
        assertThat(leases.take(lease, Duration.ofMinutes(1)))
                .as("another replica begins")
                .isTrue();
        assertThat(resolution.resolved(transfer, rev)).isFalse();
        assertThat(tenant.state(id)).isEqualTo("RESOLVING");
        leases.release(lease);
        assertThat(resolution.resolved(transfer, rev)).isTrue();
        assertThat(tenant.state(id)).isEqualTo("QUEUED");
        assertThat(resolution.resolved(transfer, rev)).isTrue();
    }

    @Test
    void aMagnetThatIsAddedAgainIsPlannedAtOnce() throws Exception {
        Metainfo torrent = Torrents.small();
        String uri = Torrents.magnet(torrent);
        String id = addMagnet(uri);
        long before = fleet.awaitSlice("resolve/" + id, s -> true).rev();
        resolved(id, Torrents.small().info().bytes());
        tenant.awaitState(id, "FAILED");

        tenant.submit(Map.of("magnet", uri)).then().statusCode(200).body("state", equalTo("RESOLVING"));
        fleet.awaitSlice("resolve/" + id, s -> s.rev() > before);
        resolved(id, torrent.info().bytes());
        tenant.awaitState(id, "QUEUED");
    }

    @Test
    void peersThatAMagnetNamesAreThereAfterPlanningToo() throws Exception {
        Metainfo torrent = Torrents.several();
        String id = addMagnet("magnet:?xt=urn:btih:" + torrent.info().hash()
                + "&x.pe=192.0.2.1:6881&x.pe=%5B2001:db8::1%5D:6881&x.pe=192.0.2.2:1%0A0%20http://a/");
        resolved(id, torrent.info().bytes());
        String key = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        assertThat(fleet.awaitSlice(key, s -> true).peers()).containsExactly("192.0.2.1:6881", "[2001:db8::1]:6881");
    }

    @Test
    void theSameMagnetAndItsTorrentFindTheTransferThatSearches() {
        Metainfo torrent = Torrents.small();
        String id = addMagnet(Torrents.magnet(torrent));
        tenant.submit(Map.of("magnet", Torrents.magnet(torrent)))
                .then()
                .statusCode(200)
                .body("id", equalTo(id))
                .body("state", equalTo("RESOLVING"));
        tenant.submit(torrent).then().statusCode(200).body("id", equalTo(id)).body("state", equalTo("QUEUED"));
        fleet.awaitTombstone(Topic.SLICES, "resolve/" + id);
        fleet.awaitSlice(TorrentId.of(tenant.id(), torrent.info().hash()) + "/0", s -> true);
    }

    @Test
    void metadataOfAnotherTorrentIsRefused() throws Exception {
        Metainfo torrent = Torrents.small();
        String id = addMagnet(Torrents.magnet(torrent));
        resolved(id, Torrents.small().info().bytes());
        tenant.awaitState(id, "FAILED");
        tenant.get(id).then().body("reason", equalTo("bad-metadata"));
        fleet.awaitTombstone(Topic.SLICES, "resolve/" + id);
    }

    @Test
    void aPausedSearchStopsAndGoesOn() {
        String id = addMagnet(Torrents.magnet(Torrents.small()));
        tenant.patch(id, "{\"paused\":true,\"wanted\":[7]}").then().body("state", equalTo("PAUSED"));
        SliceRecord stopped = fleet.awaitSlice("resolve/" + id, s -> s.mode() == SliceRecord.Mode.STOP);
        tenant.patch(id, "{\"paused\":false}").then().body("state", equalTo("RESOLVING"));
        fleet.awaitSlice("resolve/" + id, s -> s.mode() == SliceRecord.Mode.RUN && s.rev() > stopped.rev());
        tenant.remove(id);
        fleet.awaitTombstone(Topic.SLICES, "resolve/" + id);
    }

    @Test
    void aSearchIsGivenUpAfterAWeekAndBegunAgainOnDemand() throws Exception {
        String uri = Torrents.magnet(Torrents.small());
        String id = addMagnet(uri);
        try (var connection = database.getConnection();
                var update = connection.prepareStatement(
                        "update transfer set resolving_since = resolving_since - interval '7 days 1 minute'"
                                + " where id = ?")) {
            update.setObject(1, UUID.fromString(id));
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
        Tenant.await().untilAsserted(() -> {
            resolves.giveUp(); // by the scheduler too, at its minute; the call that comes second does nothing
            tenant.get(id).then().body("state", equalTo("FAILED")).body("reason", equalTo("no-metadata"));
        });
        fleet.awaitTombstone(Topic.SLICES, "resolve/" + id);
        tenant.submit(Map.of("magnet", uri))
                .then()
                .statusCode(200)
                .body("id", equalTo(id))
                .body("state", equalTo("RESOLVING"))
                .body("reason", nullValue());
        fleet.awaitSlice("resolve/" + id, s -> true);
    }
}
