package io.shoal.intake.planning;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.tenants.TenantState;
import io.shoal.intake.tenants.TenantStateChanged;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** All transfers of a tenant are blocked, and go on later as their wishes say. */
@QuarkusTest
@OnPlatform
class SuspendedTransfersTest {
    @Inject
    Event<TenantStateChanged> changes;

    @Inject
    Quotas quotas;

    @Inject
    Duties duties;

    private static void awaitReason(Tenant tenant, String transfer, String reason) {
        Tenant.await().until(() -> tenant.get(transfer).path("reason"), reason::equals);
    }

    @Test
    void suspendedTransfersStopAndGoOnAsTheirWishesSay() {
        Tenant tenant = Tenant.create();
        Tenant other = Tenant.create();
        UUID id = UUID.fromString(tenant.id());
        Metainfo running = Torrents.small();
        String run = tenant.add(running);
        String paused = tenant.add(Torrents.small());
        tenant.patch(paused, "{\"paused\":true}").then().statusCode(200);
        String search = tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .path("id");
        String untouched = other.add(running);
        String slice = TorrentId.of(tenant.id(), running.info().hash()) + "/0";
        try (Fleet fleet = new Fleet()) {
            SliceRecord before = fleet.awaitSlice(slice, s -> s.mode() == Mode.RUN);
            fleet.say(slice, Fleet.status(before, 1, State.DOWNLOADING, 0, 0));
            tenant.awaitState(run, "DOWNLOADING");

            change(id, TenantState.SUSPENDED);

            for (String transfer : new String[] {run, paused, search}) {
                awaitReason(tenant, transfer, "suspended");
                tenant.get(transfer).then().body("state", equalTo("BLOCKED"));
            }
            SliceRecord stopped = fleet.awaitSlice(slice, s -> s.mode() == Mode.STOP);
            fleet.awaitSlice("resolve/" + search, s -> s.mode() == Mode.STOP);
            // Only the keys are refused elsewhere: what is added all the same does not run either.
            Metainfo late = Torrents.small();
            tenant.submit(late).then().statusCode(201).body("state", equalTo("BLOCKED"));
            fleet.awaitSlice(TorrentId.of(tenant.id(), late.info().hash()) + "/0", s -> s.mode() == Mode.STOP);
            // What a worker reports of the time before changes nothing.
            fleet.say(slice, Fleet.status(stopped, 1, State.DOWNLOADING, 0, 1));
            tenant.patch(run, "{\"paused\":false}").then().body("state", equalTo("BLOCKED"));
            other.get(untouched).then().body("state", equalTo("QUEUED"));

            change(id, TenantState.ACTIVE);

            Tenant.await().until(() -> tenant.state(paused), "PAUSED"::equals);
            Tenant.await().until(() -> tenant.state(search), "RESOLVING"::equals);
            Tenant.await().until(() -> !"BLOCKED".equals(tenant.state(run)));
            fleet.awaitSlice(slice, s -> s.mode() == Mode.RUN && s.rev() > stopped.rev());
            fleet.awaitSlice("resolve/" + search, s -> s.mode() == Mode.RUN);
            tenant.get(paused).then().body("reason", nullValue());
        }
    }

    /** The sweep of the first suspension ends after the second has begun: what was added between them must be blocked. */
    @Test
    void whatIsAddedBetweenTwoSuspensionsIsBlocked() {
        Tenant tenant = Tenant.create();
        UUID id = UUID.fromString(tenant.id());
        Tenant.await().until(() -> unswept().isEmpty());
        String added = QuarkusTransaction.requiringNew().call(() -> {
            Tenant.await()
                    .pollInSameThread()
                    .until(() -> duties.take(Duty.SUSPENDING)); // until this transaction ends, only the test sweeps
            change(id, TenantState.SUSPENDED);
            Quotas.Suspended first = unswept().orElseThrow();
            change(id, TenantState.ACTIVE);
            String transfer = tenant.add(Torrents.small());
            tenant.get(transfer).then().body("state", equalTo("QUEUED"));
            change(id, TenantState.SUSPENDED);
            QuarkusTransaction.requiringNew().run(() -> quotas.suspensionSwept(first));
            return transfer;
        });
        awaitReason(tenant, added, "suspended");
    }

    private void change(UUID tenant, TenantState state) {
        QuarkusTransaction.requiringNew().run(() -> changes.fire(new TenantStateChanged(tenant, state)));
    }

    private Optional<Quotas.Suspended> unswept() {
        return QuarkusTransaction.requiringNew().call(quotas::unsweptSuspension);
    }
}
