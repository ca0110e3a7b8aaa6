package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.intake.transfers.TransferState;
import io.shoal.intake.wishes.Wishes;
import io.shoal.objectstore.ObjectStore;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tenants of a pool share public content, and each keeps what is its own. */
@QuarkusTest
@OnPlatform
class PoolsTest {
    /** Files of {@link Torrents#several}: 1,000, 2,000, 17 MiB, 0 and 500 bytes. */
    private static final int ALL = (17 << 20) + 3_500;

    private static final String FIRST_TRACKER = "http://one.example/announce?passkey=of-the-first";
    private static final String SECOND_TRACKER = "http://two.example/announce?passkey=of-the-second";

    @Inject
    ObjectStore store;

    @Inject
    TransferLocks locks;

    @Inject
    Wishes wishes;

    private String pool = "";
    private Tenant one = new Tenant("", "");
    private Tenant two = new Tenant("", "");
    private Fleet fleet;

    @BeforeEach
    void twoMembersAndAFleet() {
        one = Tenant.create();
        two = Tenant.create();
        pool = createPool();
        enter(one, pool);
        enter(two, pool);
        fleet = new Fleet();
    }

    @AfterEach
    void closeFleet() {
        fleet.close();
    }

    private static String createPool() {
        return Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "a pool"))
                .post("/v1/pools")
                .path("id");
    }

    private static Response enter(Tenant tenant, String pool) {
        Response entered = Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("pool", pool))
                .put("/v1/tenants/" + tenant.id() + "/pool");
        entered.then().statusCode(200).body("pool", equalTo(pool));
        return entered;
    }

    private static Response leave(Tenant tenant) {
        Response left = Tenant.operator().delete("/v1/tenants/" + tenant.id() + "/pool");
        left.then().statusCode(200).body("pool", nullValue());
        return left;
    }

    private TorrentId shared(Metainfo torrent) {
        return TorrentId.of("pool/" + pool, torrent.info().hash());
    }

    private static TorrentId own(Tenant tenant, Metainfo torrent) {
        return TorrentId.of(tenant.id(), torrent.info().hash());
    }

    private SliceRecord awaitRun(TorrentId torrent) {
        return fleet.awaitSlice(torrent + "/0", slice -> slice.mode() == Mode.RUN);
    }

    /** The same torrent as another member has it: with other trackers. */
    private static Metainfo with(Metainfo torrent, String tracker) {
        return new Metainfo(torrent.info(), List.of(List.of(tracker)), List.of(tracker + "&seed"));
    }

    private static Map<String, Object> some(Metainfo torrent, Integer... files) {
        return Map.of("metainfo", torrent.encode(), "wanted", List.of(files));
    }

    private static long used(Tenant tenant) {
        return tenant.asks().get("/v1/account").jsonPath().getLong("quota.usage.storedBytes");
    }

    private void complete(SliceRecord slice, Metainfo torrent, long up) {
        fleet.say(shared(torrent) + "/0", Fleet.status(slice, 1, State.SEEDING, 4, up));
    }

    private static void deny(Metainfo torrent) {
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("reason", "an order"))
                .put("/v1/deny/" + torrent.info().hash())
                .then()
                .statusCode(200);
    }

    private static void suspend(Tenant tenant, String action, String state) {
        Tenant.operator()
                .post("/v1/tenants/" + tenant.id() + "/" + action)
                .then()
                .statusCode(200)
                .body("state", equalTo(state));
    }

    @Test
    void membersHaveOneTorrentAndOthersTheirOwn() throws Exception {
        Tenant outsider = Tenant.create();
        Metainfo torrent = Torrents.several();
        String first = one.submit(some(with(torrent, FIRST_TRACKER), 0)).path("id");
        SliceRecord alone = awaitRun(shared(torrent));
        String second = two.submit(some(with(torrent, SECOND_TRACKER), 2)).path("id");
        SliceRecord merged = fleet.awaitSlice(shared(torrent) + "/0", slice -> slice.rev() > alone.rev());
        outsider.add(torrent);
        SliceRecord other = awaitRun(own(outsider, torrent));

        assertThat(alone.wanted().isWanted(2)).isFalse();
        assertThat(merged.gen()).isEqualTo(alone.gen());
        assertThat(merged.wanted().isWanted(0)).isTrue();
        assertThat(merged.wanted().isWanted(2)).isTrue();
        assertThat(merged.wanted().isWanted(4)).isFalse();
        assertThat(merged.trackers()).containsExactly(List.of(FIRST_TRACKER), List.of(SECOND_TRACKER));
        assertThat(other.trackers()).isEqualTo(torrent.trackers());
        assertThat(fleet.awaitTorrent(shared(torrent), record -> record.rev() == merged.rev())
                        .tenant())
                .isNull();
        assertThat(fleet.awaitTorrent(own(outsider, torrent), record -> true).tenant())
                .hasToString(outsider.id());
        // Each is shown its own trackers and web seeds, and charged in full.
        assertThat(used(one)).isEqualTo(1_000);
        assertThat(used(two)).isEqualTo(17 << 20);
        for (Tenant member : List.of(one, two)) {
            String id = member.equals(one) ? first : second;
            Metainfo shown = Metainfo.parse(
                    member.asks().get("/v1/transfers/" + id + "/metainfo").asByteArray());
            assertThat(shown).isEqualTo(with(torrent, member.equals(one) ? FIRST_TRACKER : SECOND_TRACKER));
            String others = member.equals(one) ? "two.example" : "one.example";
            for (String path : List.of("", "/" + id, "/" + id + "/files")) {
                assertThat(member.asks().get("/v1/transfers" + path).asString()).doesNotContain(others);
            }
        }
        one.get(second).then().statusCode(404);
        one.asks().post("/v1/transfers/" + first + "/files/2/links").then().statusCode(409);
        two.asks().post("/v1/transfers/" + second + "/files/2/links").then().statusCode(200);
    }

    @Test
    void nothingPrivateIsShared() {
        Metainfo isPrivate = Torrents.build(MetainfoBuilder.ofBytes("private-" + pool, new byte[1_000])
                .makePrivate()
                .trackers(List.of(FIRST_TRACKER)));
        one.add(isPrivate);
        two.add(isPrivate);
        for (Tenant member : List.of(one, two)) {
            assertThat(awaitRun(own(member, isPrivate)).isPrivate()).isTrue();
            assertThat(fleet.awaitTorrent(own(member, isPrivate), record -> true)
                            .tenant())
                    .hasToString(member.id());
        }

        Metainfo secret = with(Torrents.small(), FIRST_TRACKER);
        one.submit(Map.of("metainfo", secret.encode(), "private", true)).then().statusCode(201);
        assertThat(awaitRun(own(one, secret)).isPrivate()).isTrue();
        // Not even that the metadata is here crosses.
        two.submit(Map.of("magnet", Torrents.magnet(with(secret, SECOND_TRACKER))))
                .then()
                .statusCode(201)
                .body("state", equalTo("RESOLVING"));
        String shown = two.submit(with(secret, SECOND_TRACKER))
                .then()
                .statusCode(200)
                .extract()
                .path("id");
        assertThat(awaitRun(shared(secret)).trackers()).containsExactly(List.of(SECOND_TRACKER));
        two.get(shown).then().body("private", equalTo(false));
        // Nor from the pool to the private one.
        Metainfo open = Torrents.small();
        two.add(open);
        one.submit(Map.of("magnet", Torrents.magnet(open), "private", true))
                .then()
                .statusCode(201)
                .body("state", equalTo("RESOLVING"));
    }

    @Test
    void enteringAndLeavingChangeWhatIsAddedLater() {
        Tenant tenant = Tenant.create();
        Metainfo before = Torrents.several();
        Metainfo within = Torrents.several();
        Metainfo after = Torrents.several();
        String old = tenant.add(before);
        String search = tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .path("id");
        tenant.submit(Map.of("metainfo", Torrents.small().encode(), "private", true))
                .then()
                .statusCode(201);
        SliceRecord alone = awaitRun(own(tenant, before));
        enter(tenant, pool).then().body("stayingTransfers", equalTo(2));
        Tenant.operator().get("/v1/tenants/" + tenant.id()).then().body("pool", equalTo(pool));

        // The transfer keeps its torrent, whatever is done with it.
        one.add(before);
        tenant.submit(before).then().statusCode(200).body("id", equalTo(old));
        tenant.patch(old, "{\"wanted\":[0]}").then().statusCode(200);
        SliceRecord narrow = fleet.awaitSlice(own(tenant, before) + "/0", slice -> slice.rev() > alone.rev());
        assertThat(narrow.wanted().isWanted(2)).isFalse();
        assertThat(awaitRun(shared(before)).wanted().isWanted(2)).isTrue();
        String shared = tenant.add(within);
        SliceRecord pooled = awaitRun(shared(within));

        leave(tenant).then().body("stayingTransfers", equalTo(1));
        tenant.add(after);
        awaitRun(own(tenant, after));
        tenant.patch(shared, "{\"paused\":true}").then().body("state", equalTo("PAUSED"));
        fleet.awaitSlice(shared(within) + "/0", slice -> slice.mode() == Mode.STOP && slice.rev() > pooled.rev());
        tenant.remove(shared);
        fleet.awaitTombstone(Topic.SLICES, shared(within) + "/0");
        tenant.add(within);
        awaitRun(own(tenant, within));
        tenant.remove(old);
        fleet.awaitTombstone(Topic.SLICES, own(tenant, before) + "/0");
        tenant.remove(search);
        fleet.awaitTombstone(Topic.SLICES, "resolve/" + search);
    }

    @Test
    void aMagnetThatWasAddedBeforeEnteringIsPlannedAsTheTenantsOwn() throws Exception {
        Tenant tenant = Tenant.create();
        Metainfo torrent = Torrents.small();
        String search =
                tenant.submit(Map.of("magnet", Torrents.magnet(torrent))).path("id");
        String within = one.submit(Map.of("magnet", Torrents.magnet(torrent))).path("id");
        enter(tenant, pool);
        for (String id : List.of(search, within)) {
            SliceRecord slice = fleet.awaitSlice("resolve/" + id, found -> true);
            assertThat(slice.owner())
                    .as("members of a pool do not hold up one another's searches")
                    .isEqualTo((id.equals(search) ? tenant : one).id());
            String key = ObjectKeys.resolved(UUID.fromString(id));
            store.put(key, ByteBuffer.wrap(torrent.info().bytes()));
            fleet.say(
                    "resolve/" + id,
                    Fleet.status(new Generation(1), slice.rev(), 1, State.RESOLVED, null, Bits.NONE, 0, key));
        }
        awaitRun(own(tenant, torrent));
        awaitRun(shared(torrent));
    }

    @Test
    void aMagnetOfWhatThePoolHasIsPlannedAtOnce() {
        Tenant outsider = Tenant.create();
        Metainfo torrent = Torrents.several();
        Map<String, String> magnet = Map.of("magnet", Torrents.magnet(with(torrent, SECOND_TRACKER)));
        String search = two.submit(magnet).path("id");
        String first = one.add(with(torrent, FIRST_TRACKER));
        // A search that goes on already ends when the magnet is added again.
        two.submit(magnet).then().statusCode(200).body("id", equalTo(search)).body("state", equalTo("QUEUED"));
        fleet.awaitTombstone(Topic.SLICES, "resolve/" + search);
        SliceRecord merged = fleet.awaitSlice(
                shared(torrent) + "/0", slice -> slice.trackers().size() == 2);
        two.remove(search);
        one.remove(first);
        // An orphan is revived.
        two.submit(magnet)
                .then()
                .statusCode(201)
                .body("state", equalTo("QUEUED"))
                .body("size", equalTo(ALL));
        SliceRecord revived = fleet.awaitSlice(
                shared(torrent) + "/0", slice -> slice.rev() > merged.rev() && slice.mode() == Mode.RUN);
        assertThat(revived.gen()).isEqualTo(merged.gen());
        assertThat(revived.trackers()).containsExactly(List.of(SECOND_TRACKER));
        outsider.submit(magnet).then().statusCode(201).body("state", equalTo("RESOLVING"));
    }

    @Test
    void aLaterMemberIsCompleteAsSoonAsItsFilesAreStored() {
        Metainfo torrent = Torrents.several();
        String first = one.add(torrent);
        SliceRecord slice = awaitRun(shared(torrent));
        // The small files are stored, of the large one half.
        fleet.say(shared(torrent) + "/0", Fleet.status(slice, 1, State.DOWNLOADING, 2, 0));
        one.awaitState(first, "DOWNLOADING");
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body("{\"activeDownloads\":0}")
                .patch("/v1/tenants/" + two.id() + "/quota")
                .then()
                .statusCode(200);

        String second = two.submit(some(torrent, 0, 1)).path("id");

        // No worker has said a word about the second one's wish, and it needs no download slot.
        two.awaitState(second, "SEEDING");
        two.get(second)
                .then()
                .body("progress.storedBytes", equalTo(two.get(second).path("progress.wantedBytes")));
        assertThat(one.state(first)).isEqualTo("DOWNLOADING");
        SliceRecord both = fleet.awaitSlice(shared(torrent) + "/0", found -> found.rev() > slice.rev());
        fleet.say(shared(torrent) + "/0", Fleet.status(both, 1, State.DOWNLOADING, 3, 0));
        Tenant.await().until(() -> one.get(first).<Integer>path("progress.storedBytes") > 17 << 20);
        assertThat(two.state(second))
                .as("what others wait for is not its affair")
                .isEqualTo("SEEDING");
        fleet.say(shared(torrent) + "/0", Fleet.status(both, 1, State.SEEDING, 4, 0));
        one.awaitState(first, "SEEDING");
        Tenant third = Tenant.create();
        enter(third, pool);
        third.awaitState(
                third.submit(Map.of("magnet", Torrents.magnet(torrent))).path("id"), "SEEDING");
    }

    @Test
    void aMemberIsCompleteWhileAnotherStillDownloads() {
        Metainfo torrent = Torrents.several();
        String small = one.submit(some(torrent, 0)).path("id");
        SliceRecord alone = awaitRun(shared(torrent));
        String large = two.submit(some(torrent, 2)).path("id");
        SliceRecord slice = fleet.awaitSlice(shared(torrent) + "/0", found -> found.rev() > alone.rev());
        fleet.say(shared(torrent) + "/0", Fleet.status(slice, 1, State.DOWNLOADING, 0, 0));
        one.awaitState(small, "DOWNLOADING");
        fleet.say(shared(torrent) + "/0", Fleet.status(slice, 1, State.DOWNLOADING, 1, 0));
        one.awaitState(small, "SEEDING");
        two.get(large).then().body("state", equalTo("DOWNLOADING"));
    }

    /** What a replica does after it has committed may never be done: it can be killed before. */
    @Test
    void aWishThatChangesNothingForTheWorkerMovesItsTransferInTheSameTransaction() {
        Metainfo torrent = Torrents.several();
        String first = one.add(torrent);
        SliceRecord alone = awaitRun(shared(torrent));
        String second = two.add(torrent);
        SliceRecord both = fleet.awaitSlice(shared(torrent) + "/0", slice -> slice.rev() > alone.rev());
        fleet.say(shared(torrent) + "/0", Fleet.status(both, 1, State.DOWNLOADING, 2, 0));
        one.awaitState(first, "DOWNLOADING");
        two.awaitState(second, "DOWNLOADING");
        two.patch(second, "{\"paused\":true}").then().body("state", equalTo("PAUSED"));

        QuarkusTransaction.requiringNew().run(() -> {
            TransferLocks.Locked locked = locks.lock(UUID.fromString(second)).orElseThrow();
            locked.transfer().pause(false, locked.transfer().rev());
            wishes.merge(locked.torrent());
            assertThat(locked.transfer().state()).isEqualTo(TransferState.DOWNLOADING);
        });
        two.get(second).then().body("state", equalTo("DOWNLOADING"));
    }

    @Test
    void whatTheTorrentGaveBeforeCountsForNoLaterMember() {
        Metainfo torrent = Torrents.several();
        String first = one.add(torrent);
        SliceRecord slice = awaitRun(shared(torrent));
        complete(slice, torrent, 5L * ALL);
        Tenant.await().until(() -> one.get(first).<Number>path("totals.up").longValue() == 5L * ALL);
        Response joined = two.submit(Map.of("metainfo", torrent.encode(), "ratio", 1));
        String second = joined.path("id");
        joined.then().body("totals.up", equalTo(0));
        two.awaitState(second, "SEEDING");
        SliceRecord both = fleet.awaitSlice(shared(torrent) + "/0", found -> found.rev() >= slice.rev());
        complete(both, torrent, 6L * ALL - 1);
        Tenant.await().until(() -> two.get(second).<Number>path("totals.up").longValue() == ALL - 1);
        assertThat(two.state(second)).isEqualTo("SEEDING");
        complete(both, torrent, 6L * ALL);
        two.awaitState(second, "DONE");
        assertThat(one.state(first)).isEqualTo("SEEDING");
        fleet.awaitSlice(shared(torrent) + "/0", found -> found.mode() == Mode.RUN);
    }

    @Test
    void aMemberThatGoesTakesOnlyItsOwnWishesAlong() {
        Tenant third = Tenant.create();
        enter(third, pool);
        Metainfo torrent = Torrents.several();
        String first = one.submit(some(with(torrent, FIRST_TRACKER), 0)).path("id");
        String second = two.submit(some(with(torrent, SECOND_TRACKER), 2)).path("id");
        String last = third.submit(some(torrent, 4)).path("id");
        SliceRecord all = fleet.awaitSlice(
                shared(torrent) + "/0", slice -> slice.trackers().size() == 3);

        one.remove(first);
        SliceRecord without = fleet.awaitSlice(shared(torrent) + "/0", slice -> slice.rev() > all.rev());
        assertThat(without.mode()).isEqualTo(Mode.RUN);
        assertThat(without.wanted().isWanted(0)).isFalse();
        assertThat(without.wanted().isWanted(2)).isTrue();
        assertThat(without.trackers()).doesNotContain(List.of(FIRST_TRACKER));
        Tenant.operator().delete("/v1/tenants/" + two.id()).then().statusCode(202);
        two.awaitGone();
        SliceRecord alone = fleet.awaitSlice(shared(torrent) + "/0", slice -> slice.rev() > without.rev());
        assertThat(alone.mode()).isEqualTo(Mode.RUN);
        assertThat(alone.gen()).isEqualTo(all.gen());
        assertThat(alone.wanted().isWanted(2)).isFalse();
        assertThat(alone.trackers()).isEqualTo(torrent.trackers());
        third.get(last).then().statusCode(200);
        assertThat(second).isNotEqualTo(last);

        third.remove(last);
        fleet.awaitTombstone(Topic.SLICES, shared(torrent) + "/0");
        assertThat(fleet.awaitTorrent(shared(torrent), record -> record.state() == TorrentRecord.State.REMOVED)
                        .gen())
                .isEqualTo(all.gen());
    }

    @Test
    void membersThatComeAndGoAtOnceDoNotDisturbOneAnother() throws Exception {
        List<Metainfo> torrents = Stream.generate(Torrents::small).limit(8).toList();
        List<Tenant> members = Stream.generate(Tenant::create).limit(6).toList();
        members.forEach(member -> enter(member, pool));
        try (ExecutorService threads = Executors.newFixedThreadPool(members.size())) {
            List<Future<List<String>>> adding = members.stream()
                    .map(member -> threads.submit(() -> addAll(member, torrents)))
                    .toList();
            for (Future<List<String>> added : adding) {
                assertThat(added.get()).doesNotHaveDuplicates().hasSameSizeAs(torrents);
            }
            List<Future<?>> leaving = new ArrayList<>();
            for (int i = 0; i < members.size() - 1; i++) {
                Tenant member = members.get(i);
                List<String> its = adding.get(i).get();
                boolean deleted = i % 2 == 0;
                leaving.add(threads.submit(() -> {
                    if (deleted) {
                        Tenant.operator()
                                .delete("/v1/tenants/" + member.id())
                                .then()
                                .statusCode(202);
                        member.awaitGone();
                    } else {
                        its.reversed().forEach(member::remove);
                    }
                }));
            }
            for (Future<?> left : leaving) {
                left.get();
            }
        }
        Tenant last = members.getLast();
        for (Metainfo torrent : torrents) {
            SliceRecord slice = awaitRun(shared(torrent));
            assertThat(fleet.awaitTorrent(
                                    shared(torrent), record -> record.gen().equals(slice.gen()))
                            .state())
                    .isEqualTo(TorrentRecord.State.LIVE);
        }
        last.asks().get("/v1/transfers").then().body("items.size()", equalTo(torrents.size()));
        assertThat(used(last))
                .isEqualTo(torrents.stream()
                        .mapToLong(torrent -> torrent.info().pieces().total())
                        .sum());
    }

    /** Adds all, each tenant in another order. */
    private static List<String> addAll(Tenant tenant, List<Metainfo> torrents) {
        List<Metainfo> shuffled = new ArrayList<>(torrents);
        Collections.shuffle(shuffled, new Random(tenant.id().hashCode()));
        return shuffled.stream().map(tenant::add).toList();
    }

    @Test
    void aSuspendedMemberStopsNoOther() {
        Metainfo torrent = Torrents.several();
        String first = one.submit(some(with(torrent, FIRST_TRACKER), 0)).path("id");
        String second = two.submit(some(with(torrent, SECOND_TRACKER), 2)).path("id");
        SliceRecord both = fleet.awaitSlice(
                shared(torrent) + "/0", slice -> slice.trackers().size() == 2);
        suspend(one, "suspend", "SUSPENDED");
        SliceRecord rest = fleet.awaitSlice(shared(torrent) + "/0", slice -> slice.rev() > both.rev());
        assertThat(rest.mode()).isEqualTo(Mode.RUN);
        assertThat(rest.wanted().isWanted(0)).isFalse();
        assertThat(rest.trackers()).containsExactly(List.of(SECOND_TRACKER));
        two.get(second).then().body("state", equalTo("QUEUED"));
        suspend(one, "resume", "ACTIVE");
        fleet.awaitSlice(shared(torrent) + "/0", slice -> slice.trackers().size() == 2);
        Tenant.await().until(() -> one.get(first).path("state"), "QUEUED"::equals);
    }

    @Test
    void aDenialEndsItForAllMembers() {
        Metainfo torrent = Torrents.several();
        String first = one.add(torrent);
        String second = two.submit(some(torrent, 0)).path("id");
        SliceRecord slice = awaitRun(shared(torrent));
        deny(torrent);
        for (Tenant member : List.of(one, two)) {
            String id = member.equals(one) ? first : second;
            member.awaitState(id, "BLOCKED");
            member.get(id).then().body("reason", equalTo("denied"));
        }
        fleet.awaitTombstone(Topic.SLICES, shared(torrent) + "/0");
        fleet.awaitTorrent(shared(torrent), record -> record.state() == TorrentRecord.State.REMOVED);
        Tenant.await().until(() -> used(one) == 0 && used(two) == 0);
        Tenant.operator().delete("/v1/deny/" + torrent.info().hash()).then().statusCode(204);
        leave(two);
        two.patch(second, "{\"paused\":false}").then().statusCode(200).body("state", equalTo("QUEUED"));
        SliceRecord again = fleet.awaitSlice(
                shared(torrent) + "/0",
                found -> found.mode() == Mode.RUN && found.gen().compareTo(slice.gen()) > 0);
        assertThat(again.wanted().isWanted(2)).isFalse();
        one.get(first).then().body("state", equalTo("BLOCKED"));
        one.patch(first, "{\"paused\":false}").then().statusCode(200);
        SliceRecord both = fleet.awaitSlice(shared(torrent) + "/0", found -> found.rev() > again.rev());
        assertThat(both.gen()).isEqualTo(again.gen());
        assertThat(both.wanted().isWanted(2)).isTrue();
        assertThat(used(one)).isEqualTo(ALL);
        assertThat(used(two)).isEqualTo(1_000);
    }

    @Test
    void theOperatorMakesPoolsAndDeletesThemWhenTheyAreNotInUse() {
        Tenant.operator()
                .get("/v1/pools/" + pool)
                .then()
                .statusCode(200)
                .body("name", equalTo("a pool"))
                .body("tenants", equalTo(2));
        String newer = createPool();
        Response first = Tenant.operator().get("/v1/pools?limit=1");
        assertThat(first.<List<String>>path("items.id")).containsExactly(newer);
        assertThat(first.<List<Integer>>path("items.tenants")).containsExactly(0);
        Response next = Tenant.operator()
                .queryParam("cursor", first.<String>path("next"))
                .get("/v1/pools?limit=1");
        assertThat(next.<List<String>>path("items.id")).containsExactly(pool);
        Tenant.operator().delete("/v1/pools/" + newer).then().statusCode(204);
        Tenant.operator().delete("/v1/pools/" + newer).then().statusCode(404);

        Metainfo torrent = Torrents.small();
        String transfer = one.add(torrent);
        for (Tenant member : List.of(one, two)) {
            inUse();
            leave(member);
        }
        inUse();
        one.remove(transfer);
        inUse();
        TorrentRecord removed =
                fleet.awaitTorrent(shared(torrent), record -> record.state() == TorrentRecord.State.REMOVED);
        inUse();
        fleet.say(shared(torrent), new ContentRecord.Purged(1, removed.gen()));
        fleet.awaitTombstone(Topic.TORRENTS, shared(torrent).value());
        Tenant.operator().delete("/v1/pools/" + pool).then().statusCode(204);
        Response entries = Tenant.operator().get("/v1/audit?limit=200");
        assertThat(entries.<List<String>>path("items.findAll { it.subject == '" + pool + "' }.action"))
                .containsExactly("pool-deleted", "pool-created");
        assertThat(entries.<List<String>>path("items.findAll { it.subject == '" + one.id() + "' }.action"))
                .containsExactly("tenant-pool-changed", "tenant-pool-changed", "tenant-created");
        assertThat(entries.<List<String>>path("items.findAll { it.subject == '" + one.id()
                        + "' && it.action == 'tenant-pool-changed' }.detail"))
                .containsExactly("pool: " + pool + " -> none", "pool: none -> " + pool);
    }

    private void inUse() {
        Tenant.operator()
                .delete("/v1/pools/" + pool)
                .then()
                .statusCode(409)
                .contentType("application/problem+json")
                .body("code", equalTo("pool-in-use"));
    }

    @Test
    void aTenantIsCreatedInAPoolOrInNone() {
        Response made = createTenant(Map.of("name", "a member", "pool", pool));
        made.then().statusCode(201).body("pool", equalTo(pool));
        Metainfo torrent = Torrents.small();
        new Tenant(made.path("id"), made.path("key")).add(torrent);
        awaitRun(shared(torrent));
        createTenant(Map.of("name", "alone")).then().statusCode(201).body("pool", nullValue());
        for (String none : List.of(UUID.randomUUID().toString(), "nonsense", "")) {
            refused(createTenant(Map.of("name", "lost", "pool", none)));
            refused(Tenant.operator()
                    .contentType(ContentType.JSON)
                    .body(Map.of("pool", none))
                    .put("/v1/tenants/" + one.id() + "/pool"));
        }
        refused(Tenant.operator().contentType(ContentType.JSON).body("{}").put("/v1/tenants/" + one.id() + "/pool"));
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("pool", pool))
                .put("/v1/tenants/" + UUID.randomUUID() + "/pool")
                .then()
                .statusCode(404);
        Tenant.operator()
                .delete("/v1/tenants/" + UUID.randomUUID() + "/pool")
                .then()
                .statusCode(404);
        one.asks().get("/v1/pools").then().statusCode(403);
        one.asks().delete("/v1/tenants/" + one.id() + "/pool").then().statusCode(403);
        assertThat(one.asks().get("/v1/account").asString()).doesNotContain(pool);
    }

    private static Response createTenant(Map<String, String> body) {
        return Tenant.operator().contentType(ContentType.JSON).body(body).post("/v1/tenants");
    }

    private static void refused(Response response) {
        response.then().statusCode(422).body("code", equalTo("invalid-field")).body("field", equalTo("pool"));
    }
}
