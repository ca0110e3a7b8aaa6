package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.intake.quotas.DownloadSlots;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.wishes.Wishes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.hibernate.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tenant's downloads take turns. */
@QuarkusTest
@OnPlatform
class ActiveDownloadsTest {
    @Inject
    AgroalDataSource database;

    @Inject
    Quotas quotas;

    @Inject
    TransferLocks locks;

    @Inject
    Wishes wishes;

    @Inject
    Resolution resolution;

    @Inject
    Duties duties;

    @Inject
    MeterRegistry meters;

    @Inject
    Session session;

    @Inject
    DownloadSlots slots;

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private Tenant tenant = new Tenant("", "");
    private Fleet fleet;
    private final List<Metainfo> torrents = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();

    @BeforeEach
    void threeTransfersAndOneSlot() {
        tenant = Tenant.create();
        fleet = new Fleet();
        limit(1);
        for (int i = 0; i < 3; i++) {
            Metainfo torrent = Torrents.small();
            torrents.add(torrent);
            ids.add(tenant.add(torrent));
        }
    }

    @AfterEach
    void closeFleet() {
        fleet.close();
    }

    private void limit(int active) {
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body("{\"activeDownloads\":" + active + "}")
                .patch("/v1/tenants/" + tenant.id() + "/quota")
                .then()
                .statusCode(200);
    }

    private String slice(int transfer) {
        return TorrentId.of(tenant.id(), torrents.get(transfer).info().hash()) + "/0";
    }

    private SliceRecord awaitMode(int transfer, Mode mode) {
        return fleet.awaitSlice(slice(transfer), s -> s.mode() == mode);
    }

    private void awaitRunning(int transfer) {
        awaitMode(transfer, Mode.RUN);
        Tenant.await().until(() -> tenant.get(ids.get(transfer)).path("reason") == null);
    }

    private void assertWaits(int transfer) {
        tenant.get(ids.get(transfer))
                .then()
                .body("state", equalTo("QUEUED"))
                .body("reason", equalTo("limits"))
                .body("stalled.since", notNullValue());
    }

    @Test
    void noSlotIsGivenWhileTheTenantIsSuspended() {
        awaitMode(0, Mode.RUN);
        assertWaits(1);
        assertThat(nextWithThreeSlots(true)).isEmpty();
        assertThat(nextWithThreeSlots(false)).contains(UUID.fromString(ids.get(1)));
    }

    /** In a transaction that is rolled back, so that the duty that gives slots does not see it. */
    private Optional<UUID> nextWithThreeSlots(boolean suspended) {
        UUID id = UUID.fromString(tenant.id());
        QuarkusTransaction.begin();
        try {
            session.createNativeMutationQuery(
                            "update tenant_quota set active_downloads = 3, suspended = :suspended where tenant_id = :id")
                    .setParameter("suspended", suspended)
                    .setParameter("id", id)
                    .executeUpdate();
            return slots.next(id);
        } finally {
            QuarkusTransaction.rollback();
        }
    }

    @Test
    void theRestWaitsAndSlotsGoInTheOrderOfTheQueue() {
        SliceRecord running = awaitMode(0, Mode.RUN);
        awaitMode(1, Mode.STOP);
        awaitMode(2, Mode.STOP);
        tenant.get(ids.getFirst()).then().body("state", equalTo("QUEUED")).body("reason", nullValue());
        assertWaits(1);
        assertWaits(2);
        Tenant.operator()
                .get("/v1/tenants/" + tenant.id() + "/quota")
                .then()
                .body("usage.activeDownloads", equalTo(1))
                .body("usage.queuedDownloads", equalTo(2));

        fleet.say(slice(0), Fleet.status(running, 1, State.SEEDING, 1, 0));
        awaitRunning(1);
        tenant.get(ids.getFirst()).then().body("state", equalTo("SEEDING"));
        assertThat(fleet.awaitSlice(slice(0), s -> true).mode())
                .as("seeding takes no slot")
                .isEqualTo(Mode.RUN);
        assertWaits(2);

        tenant.patch(ids.get(1), "{\"paused\":true}").then().body("state", equalTo("PAUSED"));
        awaitRunning(2);
        tenant.patch(ids.get(1), "{\"paused\":false}").then().statusCode(200);
        assertWaits(1);
        tenant.remove(ids.get(2));
        awaitRunning(1);
        tenant.patch(ids.getFirst(), "{\"paused\":true}").then().statusCode(200);
        tenant.patch(ids.getFirst(), "{\"paused\":false}").then().body("reason", nullValue());
        fleet.awaitSlice(slice(0), s -> s.rev() > running.rev() && s.mode() == Mode.RUN);
    }

    @Test
    void aHigherLimitLetsMoreRun() {
        assertWaits(1);
        assertWaits(2);
        limit(3);
        awaitRunning(1);
        awaitRunning(2);
    }

    private static final FleetReports KNOWN = () -> Optional.of(Instant.EPOCH);

    /** A queue like the service's own, which it works beside, with reports and a patience of the test's choice. */
    private QuotaQueue queue(FleetReports reports, Duration patience) {
        return new QuotaQueue(slots, quotas, locks, wishes, resolution, duties, reports, meters, patience);
    }

    @Test
    void aDownloadWithoutProgressGoesBehindThoseThatWait() throws Exception {
        QuotaQueue queue = queue(KNOWN, PATIENCE);
        awaitMode(0, Mode.RUN);
        assertWaits(1);
        grantedBefore(0, PATIENCE);
        // The one that was stuck makes progress, so it keeps its slot.
        execute("insert into torrent_counters (torrent_id, gen, epoch, down, up, wasted, seeding_seconds)"
                + " select id, gen, 1, 1, 0, 0, 0 from torrent where id = '"
                + TorrentId.of(tenant.id(), torrents.getFirst().info().hash()) + "'");
        Tenant.await().untilAsserted(() -> {
            queue.turn(); // by the scheduler too; the turn that comes second does nothing
            execute("update transfer set slot_down = slot_down where slot_at > now() - interval '1 minute' and id = '"
                    + UUID.fromString(ids.getFirst()) + "'");
        });
        tenant.get(ids.getFirst()).then().body("reason", nullValue());
        grantedBefore(0, PATIENCE);
        Tenant.await().untilAsserted(() -> {
            queue.turn();
            assertWaits(0);
        });
        awaitMode(0, Mode.STOP);
        awaitRunning(1);
        assertWaits(2);
        tenant.get(ids.getFirst()).then().body("queuePosition", equalTo(0));
        tenant.remove(ids.get(1));
        awaitRunning(2);
        assertWaits(0);
    }

    @Test
    void aMoveGivesOneThatMadeNoProgressItsTurnAgain() throws Exception {
        awaitMode(0, Mode.RUN);
        assertWaits(2);
        grantedBefore(0, PATIENCE);
        Tenant.await().untilAsserted(() -> {
            queue(KNOWN, PATIENCE).turn();
            assertWaits(0);
        });
        awaitRunning(1);
        move(0, "up");
        tenant.remove(ids.get(1));
        awaitRunning(0);
        assertWaits(2);
    }

    private void move(int transfer, String move) {
        tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", List.of(ids.get(transfer)), "move", move))
                .post("/v1/transfers/queue")
                .then()
                .statusCode(200);
    }

    @Test
    void theTopOfTheQueueGetsTheNextSlotAndNoneThatIsHeld() {
        awaitMode(0, Mode.RUN);
        assertWaits(1);
        move(2, "top");
        tenant.get(ids.get(2)).then().body("queuePosition", equalTo(0));
        tenant.get(ids.get(0)).then().body("queuePosition", equalTo(1));
        assertWaits(2);
        assertHoldsSlot(0);
        String added = tenant.add(Torrents.small());
        tenant.get(added).then().body("queuePosition", equalTo(3)).body("reason", equalTo("limits"));
        tenant.remove(ids.get(0));
        awaitRunning(2);
        assertWaits(1);
        move(1, "bottom");
        tenant.remove(ids.get(2));
        Tenant.await().until(() -> tenant.get(added).path("reason") == null);
        assertWaits(1);
    }

    private void force(int transfer, boolean force) {
        tenant.patch(ids.get(transfer), "{\"force\":" + force + "}")
                .then()
                .statusCode(200)
                .body("force", equalTo(force));
    }

    @Test
    void aForcedDownloadTakesTheSlotOfTheLastOfTheQueue() throws Exception {
        limit(2);
        awaitRunning(1);
        assertWaits(2);
        move(0, "down");
        force(2, true);
        awaitRunning(2);
        assertWaits(0);
        assertHoldsSlot(1);
        awaitMode(0, Mode.STOP);
        usage().body("usage.activeDownloads", equalTo(2)).body("usage.queuedDownloads", equalTo(1));

        force(1, true);
        force(0, true);
        serve();
        assertWaits(0);
        assertHoldsSlot(1);
        assertHoldsSlot(2);

        force(2, false);
        awaitRunning(0);
        assertWaits(2);
        tenant.get(ids.get(2)).then().body("queuePosition", equalTo(2));
    }

    /** A turn of the queue for the tenant, which ends before this returns. */
    private void serve() throws Exception {
        queue(KNOWN, PATIENCE)
                .rotate(UUID.fromString(tenant.id()), Instant.now().plus(PATIENCE));
    }

    @Test
    void forceIsNoWayPastTheLimitOfDownloads() throws Exception {
        Tenant.await().until(() -> tenant.get(ids.get(2)).path("reason") != null);
        List<String> all = new ArrayList<>(ids);
        Response added = tenant.submit(Map.of("metainfo", Torrents.small().encode(), "force", true));
        added.then().statusCode(201).body("force", equalTo(true));
        all.add(added.path("id"));
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> changes = new ArrayList<>();
            for (String id : all) {
                changes.add(threads.submit(() -> {
                    for (boolean force : List.of(true, false, true)) {
                        tenant.patch(id, "{\"force\":" + force + "}").then().statusCode(200);
                        assertThat(active()).isLessThanOrEqualTo(1);
                    }
                }));
            }
            for (Future<?> change : changes) {
                change.get();
            }
        }
        tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", all, "change", Map.of("force", true)))
                .patch("/v1/transfers")
                .then()
                .statusCode(200);
        serve();
        Tenant.await()
                .untilAsserted(() ->
                        usage().body("usage.activeDownloads", equalTo(1)).body("usage.queuedDownloads", equalTo(3)));

        limit(0); // a slot that is held stays held
        String holder = all.stream()
                .filter(id -> tenant.get(id).path("reason") == null)
                .findFirst()
                .orElseThrow();
        tenant.remove(holder);
        serve();
        usage().body("usage.activeDownloads", equalTo(0)).body("usage.queuedDownloads", equalTo(3));
    }

    private int active() {
        return usage().extract().path("usage.activeDownloads");
    }

    @Test
    void aForcedDownloadKeepsItsSlotWithoutProgress() throws Exception {
        awaitMode(0, Mode.RUN);
        assertWaits(1);
        force(0, true);
        grantedBefore(0, PATIENCE);
        serve();
        assertHoldsSlot(0);
        force(0, false);
        serve();
        assertWaits(0);
    }

    private ValidatableResponse usage() {
        return Tenant.operator()
                .get("/v1/tenants/" + tenant.id() + "/quota")
                .then()
                .statusCode(200);
    }

    /** The service's own patience is longer, so only the test's queues take slots here. */
    @Test
    void noSlotIsTakenWhileProgressIsUnknownOrTheTurnIsOver() throws Exception {
        Duration patience = Duration.ofMinutes(1);
        UUID id = UUID.fromString(tenant.id());
        Instant end = Instant.now().plus(PATIENCE);
        awaitMode(0, Mode.RUN);
        assertWaits(1);
        grantedBefore(0, patience);
        queue(Optional::empty, patience).rotate(id, end);
        assertHoldsSlot(0);
        Instant justNow = Instant.now();
        queue(() -> Optional.of(justNow), patience).rotate(id, end);
        assertHoldsSlot(0);
        queue(KNOWN, patience).rotate(id, Instant.EPOCH);
        assertHoldsSlot(0);
        queue(KNOWN, patience).rotate(id, end);
        assertWaits(0);
    }

    private void assertHoldsSlot(int transfer) {
        tenant.get(ids.get(transfer)).then().body("reason", nullValue());
    }

    @Test
    void aTenantThatFailsHoldsUpNoOther() {
        QuotaQueue queue = queue(KNOWN, PATIENCE);
        List<UUID> tenants = List.of(UUID.randomUUID(), UUID.randomUUID());
        List<UUID> served = new ArrayList<>();
        double before = failures();
        queue.each(tenants, Instant.now().plus(PATIENCE), next -> {
            served.add(next);
            throw new IllegalStateException("made by a test");
        });
        assertThat(served).isEqualTo(tenants);
        assertThat(failures()).isGreaterThanOrEqualTo(before + 2);

        served.clear();
        assertThat(queue.each(tenants, Instant.EPOCH, served::add))
                .as("where the next turn continues after the time is over")
                .isEqualTo(tenants.getFirst());
        assertThat(served).containsExactly(tenants.getFirst());
    }

    private double failures() {
        return meters.get("shoal.quotas.failures").counter().count();
    }

    private void grantedBefore(int transfer, Duration before) throws Exception {
        execute("update transfer set slot_at = slot_at - interval '%d seconds' where id = '%s'"
                .formatted(before.toSeconds() + 1, UUID.fromString(ids.get(transfer))));
    }

    private void execute(String sql) throws Exception {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        }
    }
}
