package io.shoal.intake.progress;

import static io.shoal.contracts.records.StatusRecord.State.DOWNLOADING;
import static io.shoal.contracts.records.StatusRecord.State.SEEDING;
import static io.shoal.contracts.records.StatusRecord.State.STARTING;
import static io.shoal.contracts.records.StatusRecord.State.STOPPED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.objectstore.ObjectStore;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of a transfer and of its torrent, between tenant, fleet and storage. */
@QuarkusTest
@OnPlatform
class LifecycleTest {
    @Inject
    ObjectStore store;

    @Inject
    InfoStore infos;

    @Inject
    AgroalDataSource database;

    @Inject
    Counters counters;

    @Inject
    TransferMoves moves;

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

    private TorrentId idOf(Metainfo torrent) {
        return TorrentId.of(tenant.id(), torrent.info().hash());
    }

    private String sliceOf(Metainfo torrent) {
        return idOf(torrent) + "/0";
    }

    @Test
    void aPlannedTorrentIsToldToStorageTrackerAndFleet() throws Exception {
        Metainfo torrent = Torrents.small();
        tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        TorrentRecord told = fleet.awaitTorrent(idOf(torrent), t -> true);
        String infoKey = new ObjectKeys(idOf(torrent), slice.gen()).info();
        assertThat(slice.kind()).isEqualTo(SliceRecord.Kind.SLICE);
        assertThat(slice.infoKey()).isEqualTo(infoKey).isEqualTo(told.infoKey());
        assertThat(slice.infoHash()).isEqualTo(torrent.info().hash().hex());
        assertThat(slice.mode()).isEqualTo(Mode.RUN);
        assertThat(slice.trackers()).isEqualTo(torrent.trackers());
        assertThat(slice.firstSegment()).isZero();
        assertThat(slice.lastSegment()).isZero();
        assertThat(told.state()).isEqualTo(TorrentRecord.State.LIVE);
        assertThat(told.tracked()).isTrue();
        assertThat(told.infoHashes()).containsExactly(torrent.info().hash().hex());
        assertThat(told.rev()).isEqualTo(slice.rev());
        assertThat(told.tenant()).hasToString(tenant.id());
        assertThat(store.get(infoKey, 1 << 20)).isEqualTo(torrent.info().bytes());
    }

    @Test
    void aBoardThatLagsBehindTheReaderOfTransitionsMovesNothingBack() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 3, 0));
        tenant.awaitState(id, "DOWNLOADING");
        Tenant.await().until(() -> tenant.get(id).<Integer>path("peers.connected") == 7);

        moves.move(idOf(torrent), Fleet.status(slice, 1, SEEDING, 4, 0));
        assertThat(tenant.state(id)).isEqualTo("SEEDING");
        moves.move(idOf(torrent), null);
        assertThat(tenant.state(id)).isEqualTo("SEEDING");
    }

    @Test
    void aStatusThatAnotherReplicaActsUponTooLateMovesNothingBack() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        moves.move(idOf(torrent), Fleet.status(slice, 1, SEEDING, 4, 0));
        assertThat(tenant.state(id)).isEqualTo("SEEDING");
        moves.move(idOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 3, 0));
        assertThat(tenant.state(id)).isEqualTo("SEEDING");
    }

    /** A replica that has read no figures yet. */
    @Test
    void aGoalIsKnownAndMetByTheCountersWithoutABoard() throws Exception {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        long size = torrent.info().pieces().total();
        tenant.patch(id, "{\"ratio\":1}").then().statusCode(200);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        moves.move(idOf(torrent), Fleet.status(slice, 1, SEEDING, 1, 0));
        assertThat(moves.move(idOf(torrent), null).goal()).isEqualTo(size);
        execute(
                "insert into torrent_counters (torrent_id, gen, epoch, down, up, wasted, seeding_seconds)"
                        + " select id, gen, 1, 0, " + size + ", 0, 0 from torrent where id = ?",
                idOf(torrent).value());
        moves.move(idOf(torrent), null);
        assertThat(tenant.state(id)).isEqualTo("DONE");
    }

    @Test
    void aTotalThatLagsIsNotWhereATransferBeginsToCount() throws Exception {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, SEEDING, 1, 100));
        tenant.awaitState(id, "SEEDING");
        Tenant.await().until(() -> tenant.get(id).<Integer>path("totals.up") == 100);
        execute("update transfer set joined_up = 500 where id = cast(? as uuid)", id); // another replica knows more
        moves.move(idOf(torrent), null);
        assertThat(number("select joined_up from transfer where id = cast(? as uuid)", id))
                .isEqualTo(500);
    }

    @Test
    void aTransferFollowsItsSlice() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        assertThat(fleet.awaitTorrent(idOf(torrent), t -> true).tracked()).isFalse();
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, STARTING, 0, 0));
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 2, 0));
        tenant.awaitState(id, "DOWNLOADING");
        tenant.get(id).then().body("progress.storedBytes", equalTo((16 << 20) + 3_000));
        Tenant.await().until(() -> {
            fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 2, 0));
            return Boolean.FALSE.equals(tenant.get(id).path("progress.stale"))
                    && tenant.get(id).<Integer>path("rates.down") == 1_000;
        });
        tenant.get(id).then().body("peers.connected", equalTo(7));
        // The worker falls silent in the middle of a download.
        Tenant.await().until(() -> tenant.get(id).path("progress.stale"), stale -> Boolean.TRUE.equals(stale));
        tenant.asks()
                .get("/v1/transfers/" + id + "/files")
                .then()
                .body("items.storedBytes", equalTo(java.util.List.of(1_000, 2_000, 16 << 20, 0, 0)));
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, SEEDING, 4, 10));
        tenant.awaitState(id, "SEEDING");
        tenant.get(id).then().body("progress.storedBytes", equalTo((17 << 20) + 3_500));
        Tenant.await().until(() -> tenant.get(id).<Integer>path("totals.up") == 10);
    }

    @Test
    void verifiedBytesCountBeforeASegmentIsStored() {
        Metainfo torrent = Torrents.several();
        int all = (17 << 20) + 3_500;
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(sliceOf(torrent), Fleet.withLeft(Fleet.status(slice, 1, DOWNLOADING, 0, 0), all - 1_000_000));
        Tenant.await().until(() -> tenant.get(id).<Integer>path("progress.verifiedBytes") == 1_000_000);
        tenant.get(id).then().body("progress.wantedBytes", equalTo(all)).body("progress.storedBytes", equalTo(0));
        fleet.say(sliceOf(torrent), Fleet.withLeft(Fleet.status(slice, 1, DOWNLOADING, 2, 0), 500));
        Tenant.await().until(() -> tenant.get(id).<Integer>path("progress.verifiedBytes") == all - 500);
        // The next owner has not counted yet.
        fleet.say(sliceOf(torrent), Fleet.status(slice, 2, STARTING, 2, 0));
        Tenant.await().until(() -> tenant.get(id).<Integer>path("progress.verifiedBytes") == (16 << 20) + 3_000);
        fleet.say(sliceOf(torrent), Fleet.status(slice, 2, SEEDING, 4, 0));
        tenant.awaitState(id, "SEEDING");
        tenant.get(id).then().body("progress.verifiedBytes", equalTo(all));
    }

    @Test
    void progressNeedsNoInfoObject() throws Exception {
        Metainfo torrent = Torrents.several();
        String all = tenant.add(torrent);
        Tenant second = Tenant.create();
        Response added = second.submit(
                Map.of("metainfo", Base64.getEncoder().encodeToString(torrent.encode()), "wanted", List.of(2, 3)));
        String some = added.path("id");
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 3, 0));
        String other = TorrentId.of(second.id(), torrent.info().hash()) + "/0";
        fleet.say(other, Fleet.status(fleet.awaitSlice(other, s -> true), 1, DOWNLOADING, 3, 0));
        tenant.awaitState(all, "DOWNLOADING");
        second.awaitState(some, "DOWNLOADING");
        infos.discard(new ObjectKeys(idOf(torrent), slice.gen()));
        Tenant.await().until(() -> {
            fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 3, 0));
            return Boolean.FALSE.equals(tenant.get(all).path("progress.stale"));
        });

        tenant.asks()
                .get("/v1/transfers")
                .then()
                .statusCode(200)
                .body("items[0].progress.storedBytes", equalTo((17 << 20) + 3_000));
        second.get(some)
                .then()
                .body("progress.wantedBytes", equalTo(17 << 20))
                .body("progress.storedBytes", equalTo(17 << 20));
    }

    @Test
    void whatIsOlderIsIgnored() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(sliceOf(torrent), Fleet.status(slice, 5, DOWNLOADING, 3, 0));
        tenant.awaitState(id, "DOWNLOADING");
        fleet.say(sliceOf(torrent), Fleet.status(slice, 4, SEEDING, 4, 0));
        Generation before =
                new Generation(slice.gen().value() - 1 < 1 ? 1 : slice.gen().value() - 1);
        if (!before.equals(slice.gen())) {
            fleet.say(sliceOf(torrent), Fleet.status(before, slice.rev(), 9, SEEDING, null, Bits.NONE, 0, null));
        }
        fleet.say(sliceOf(torrent), Fleet.status(slice, 6, STARTING, 1, 0));
        Tenant.await()
                .until(
                        () -> Tenant.operator().get("/v1/slices?transfer=" + id).path("items[0].report.worker"),
                        "worker-6"::equals);
        tenant.get(id)
                .then()
                .body("state", equalTo("DOWNLOADING"))
                .body("progress.storedBytes", equalTo((17 << 20) + 3_000));
    }

    @Test
    void whyItDoesNotGetOnIsShown() {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(
                sliceOf(torrent),
                Fleet.status(slice.gen(), slice.rev(), 1, DOWNLOADING, Reason.NO_PEERS, Bits.NONE, 0, null));
        Tenant.await().until(() -> tenant.get(id).path("reason"), "no-peers"::equals);
        tenant.get(id).then().body("stalled.reason", equalTo("no-peers"));
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 0, 0));
        Tenant.await().until(() -> tenant.get(id).path("reason") == null);
        tenant.get(id).then().body("stalled", nullValue());
    }

    @Test
    void aWiderWishAfterCompletionIsDownloaded() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        tenant.patch(id, "{\"wanted\":[0]}").then().statusCode(200);
        SliceRecord narrow = fleet.awaitSlice(sliceOf(torrent), s -> !s.wanted().isWanted(2));
        fleet.say(sliceOf(torrent), Fleet.status(narrow, 1, SEEDING, 1, 0));
        tenant.awaitState(id, "SEEDING");
        tenant.patch(id, "{\"wanted\":[0,2]}").then().body("state", equalTo("QUEUED"));
        SliceRecord wide = fleet.awaitSlice(sliceOf(torrent), s -> s.wanted().isWanted(2));
        assertThat(wide.rev()).isGreaterThan(narrow.rev());
        assertThat(wide.wanted().isWanted(4)).isFalse();
        fleet.say(sliceOf(torrent), Fleet.status(narrow, 1, SEEDING, 1, 5));
        fleet.say(sliceOf(torrent), Fleet.status(wide, 1, DOWNLOADING, 1, 5));
        tenant.awaitState(id, "DOWNLOADING");
        fleet.say(sliceOf(torrent), Fleet.status(wide, 1, SEEDING, 3, 5));
        tenant.awaitState(id, "SEEDING");
    }

    /** At a replica whose board still loads: the worker has said it all and has no reason to repeat it. */
    @Test
    void theWorkerIsAskedWhereNothingIsKnownOfAWishThatStaysTheSame() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        tenant.patch(id, "{\"wanted\":[0]}").then().statusCode(200);
        SliceRecord told = fleet.awaitSlice(sliceOf(torrent), s -> !s.wanted().isWanted(2));
        moves.move(idOf(torrent), Fleet.status(told, 1, SEEDING, 1, 0));
        assertThat(tenant.state(id)).isEqualTo("SEEDING");
        tenant.patch(id, "{\"wanted\":[0]}").then().body("state", equalTo("QUEUED"));
        SliceRecord again = fleet.awaitSlice(sliceOf(torrent), s -> s.rev() > told.rev());
        assertThat(again.wanted()).isEqualTo(told.wanted());
        assertThat(again.mode()).isEqualTo(Mode.RUN);
        fleet.say(sliceOf(torrent), Fleet.status(again, 1, SEEDING, 1, 0));
        tenant.awaitState(id, "SEEDING");
    }

    @Test
    void theGoalStopsItAndAHigherOneLetsItGoOn() {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        tenant.patch(id, "{\"ratio\":1}").then().statusCode(200);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        long size = torrent.info().pieces().total();
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, SEEDING, 1, size - 1));
        tenant.awaitState(id, "SEEDING");
        fleet.upload(sliceOf(torrent), slice, 1, size);
        tenant.awaitState(id, "DONE");
        SliceRecord stopped = fleet.awaitSlice(sliceOf(torrent), s -> s.mode() == Mode.STOP);
        fleet.say(sliceOf(torrent), Fleet.status(stopped, 1, STOPPED, 1, size));
        tenant.patch(id, "{\"ratio\":2}").then().body("state", equalTo("QUEUED"));
        SliceRecord again = fleet.awaitSlice(sliceOf(torrent), s -> s.rev() > stopped.rev());
        assertThat(again.mode()).isEqualTo(Mode.RUN);
    }

    @Test
    void pausingStopsTheSlice() {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        tenant.patch(id, "{\"paused\":true}").then().body("state", equalTo("PAUSED"));
        SliceRecord stopped = fleet.awaitSlice(sliceOf(torrent), s -> s.mode() == Mode.STOP);
        fleet.say(sliceOf(torrent), Fleet.status(stopped, 1, STOPPED, 0, 0));
        tenant.patch(id, "{\"paused\":false}").then().body("state", equalTo("QUEUED"));
        fleet.awaitSlice(sliceOf(torrent), s -> s.mode() == Mode.RUN && s.rev() > stopped.rev());
    }

    @Test
    void lostSegmentsAreDownloadedAgain() {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, SEEDING, 1, 0));
        tenant.awaitState(id, "SEEDING");
        BitSet lost = new BitSet();
        lost.set(0);
        fleet.say(idOf(torrent), new ContentRecord.Lost(1, slice.gen(), Bits.of(lost)));
        SliceRecord check = fleet.awaitSlice(sliceOf(torrent), s -> s.check() > slice.check());
        assertThat(check.rev()).isGreaterThan(slice.rev());
        tenant.awaitState(id, "QUEUED");
    }

    @Test
    void theLastTransferTakesTheTorrentWithItAndAnotherLifeFollows() {
        Metainfo torrent = Torrents.small();
        String first = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        tenant.remove(first);
        fleet.awaitTombstone(Topic.SLICES, sliceOf(torrent));
        TorrentRecord removed = fleet.awaitTorrent(idOf(torrent), t -> t.state() == TorrentRecord.State.REMOVED);
        assertThat(removed.gen()).isEqualTo(slice.gen());
        String second = tenant.add(torrent);
        assertThat(second).isNotEqualTo(first);
        SliceRecord next = fleet.awaitSlice(sliceOf(torrent), s -> s.gen().compareTo(slice.gen()) > 0);
        TorrentRecord live = fleet.awaitTorrent(idOf(torrent), t -> t.state() == TorrentRecord.State.LIVE);
        assertThat(live.gen()).isEqualTo(next.gen());
        assertThat(next.rev()).isGreaterThan(removed.rev());
        fleet.say(idOf(torrent), new ContentRecord.Purged(1, slice.gen()));
        tenant.remove(second);
        fleet.awaitTorrent(
                idOf(torrent),
                t -> t.state() == TorrentRecord.State.REMOVED && t.gen().equals(next.gen()));
        fleet.say(idOf(torrent), new ContentRecord.Purged(1, next.gen()));
        fleet.awaitTombstone(Topic.TORRENTS, idOf(torrent).value());
    }

    @Test
    void whoComesBackInTimeFindsTheSameLife() {
        Metainfo torrent = Torrents.small();
        String first = tenant.add(torrent);
        SliceRecord told = fleet.awaitSlice(sliceOf(torrent), s -> true);
        tenant.remove(first);
        String second = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> s.rev() > told.rev() && s.mode() == Mode.RUN);
        tenant.remove(second);
        tenant.submit(java.util.Map.of("magnet", Torrents.magnet(torrent)))
                .then()
                .statusCode(201)
                .body("state", equalTo("QUEUED"));
        SliceRecord revived = fleet.awaitSlice(sliceOf(torrent), s -> s.rev() > slice.rev());
        assertThat(revived.gen()).isEqualTo(slice.gen());
        assertThat(fleet.awaitTorrent(idOf(torrent), t -> t.rev() == revived.rev())
                        .state())
                .isEqualTo(TorrentRecord.State.LIVE);
    }

    /** Once the last transfer is gone the fleet forgets the slice, so the epochs of a torrent that comes back begin anew. */
    @Test
    void whatIsReportedOfATorrentThatCameBackCounts() throws Exception {
        Metainfo torrent = Torrents.several();
        String first = tenant.add(torrent);
        SliceRecord before = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(sliceOf(torrent), Fleet.status(before, 3, DOWNLOADING, 1, 90));
        tenant.awaitState(first, "DOWNLOADING");
        Tenant.await().until(() -> {
            counters.write();
            return up(torrent) == 90;
        });
        fleet.say(sliceOf(torrent), Fleet.status(before, 3, DOWNLOADING, 1, 95)); // is not written any more
        tenant.remove(first);
        fleet.send(Topic.STATUS, sliceOf(torrent), null);
        String second = tenant.add(torrent);
        SliceRecord after = fleet.awaitSlice(sliceOf(torrent), s -> s.rev() > before.rev());
        assertThat(after.gen()).isEqualTo(before.gen());
        fleet.say(sliceOf(torrent), Fleet.status(after, 1, DOWNLOADING, 2, 7));
        Tenant.await().until(() -> tenant.get(second).<Integer>path("progress.storedBytes") == (16 << 20) + 3_000);
        Tenant.await().until(() -> {
            counters.write();
            return up(torrent) == 7;
        });
    }

    private long up(Metainfo torrent) throws SQLException {
        return number(
                "select up from torrent_counters where torrent_id = ?",
                idOf(torrent).value());
    }

    private long number(String select, String parameter) throws SQLException {
        try (var connection = database.getConnection();
                var query = connection.prepareStatement(select)) {
            query.setString(1, parameter);
            try (ResultSet found = query.executeQuery()) {
                return found.next() ? found.getLong(1) : 0;
            }
        }
    }

    private void execute(String statement, String parameter) throws SQLException {
        try (var connection = database.getConnection();
                var executing = connection.prepareStatement(statement)) {
            executing.setString(1, parameter);
            executing.executeUpdate();
        }
    }

    @Test
    void countersReachTheDatabaseInOneBatch() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 2, 77));
        tenant.awaitState(id, "DOWNLOADING");
        Tenant.await().untilAsserted(() -> assertCounted(torrent));
    }

    /** Again while the scheduler writes them at this very moment: the call that comes second does nothing. */
    private void assertCounted(Metainfo torrent) throws SQLException {
        counters.write();
        try (var connection = database.getConnection();
                var query = connection.prepareStatement("select c.down, c.up, t.stored from torrent t"
                        + " join torrent_counters c on c.torrent_id = t.id and c.gen = t.gen where t.id = ?")) {
            query.setString(1, idOf(torrent).value());
            try (ResultSet row = query.executeQuery()) {
                assertThat(row.next()).isTrue();
                assertThat(row.getLong(1)).isEqualTo(5_000);
                assertThat(row.getLong(2)).isEqualTo(77);
                assertThat(BitSet.valueOf(row.getBytes(3)).cardinality()).isEqualTo(2);
            }
        }
    }

    @Test
    void segmentsThatAreStoredMeanwhileAreShownSoon() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 1, 0));
        tenant.awaitState(id, "DOWNLOADING");
        tenant.get(id).then().body("progress.storedBytes", equalTo(3_000));
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 2, 0));
        Tenant.await().until(() -> tenant.get(id).<Integer>path("progress.storedBytes") == (16 << 20) + 3_000);
        // The next owner lists the store, and has not found all yet.
        fleet.say(sliceOf(torrent), Fleet.status(slice, 2, STARTING, 1, 0));
        fleet.say(sliceOf(torrent), Fleet.status(slice, 2, DOWNLOADING, 3, 0));
        Tenant.await().until(() -> tenant.get(id).<Integer>path("progress.storedBytes") == (17 << 20) + 3_000);
    }

    @Test
    void aGoalThatIsLoweredIsMetByWhatWasSentAlready() {
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        tenant.patch(id, "{\"ratio\":10}").then().statusCode(200);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        long size = torrent.info().pieces().total();
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, SEEDING, 1, 2 * size));
        tenant.awaitState(id, "SEEDING");
        Tenant.await().until(() -> tenant.get(id).<Integer>path("totals.up") == 2 * size);
        tenant.patch(id, "{\"ratio\":3}").then().statusCode(200);
        assertThat(tenant.state(id)).isEqualTo("SEEDING");
        tenant.patch(id, "{\"ratio\":2}").then().statusCode(200);
        tenant.awaitState(id, "DONE");
    }

    @Test
    void whatCannotBeReadIsBuriedAndTheRestIsRead() {
        fleet.send(Topic.STATUS, "nonsense", new byte[] {1});
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(sliceOf(torrent), s -> true);
        fleet.send(Topic.STATUS, sliceOf(torrent), "{\"v\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        fleet.say(sliceOf(torrent), Fleet.status(slice, 1, DOWNLOADING, 0, 0));
        tenant.awaitState(id, "DOWNLOADING");
        assertThat(fleet.awaitDead("nonsense").value()).containsExactly(1);
        assertThat(new String(
                        fleet.awaitDead(sliceOf(torrent))
                                .headers()
                                .lastHeader("topic")
                                .value(),
                        java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo(Topic.STATUS_NAME);
        fleet.send(Topic.CONTENT, "nonsense-content", new byte[] {2});
        assertThat(fleet.awaitDead("nonsense-content").value()).containsExactly(2);
    }
}
