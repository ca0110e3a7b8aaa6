package io.shoal.intake.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.intake.events.EventClient.Event;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Figures in event streams of libraries. */
@QuarkusTest
@OnPlatform
class ProgressEventsTest {
    @TestHTTPResource("/v1/events")
    URI route = URI.create("http://never.example");

    private final Metainfo torrent = Torrents.several();
    private Tenant tenant = new Tenant("", "");
    private Fleet fleet;

    @BeforeEach
    void createTenantAndFleet() {
        tenant = Tenant.create();
        fleet = new Fleet();
    }

    @AfterEach
    void closeFleet() {
        fleet.close();
    }

    private String key() {
        return TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
    }

    private static Event next(EventClient client, String id, long down) throws Exception {
        return client.next(event -> event.name().equals("progress")
                && event.transfer(id).path("downRate").asLong(-1) == down);
    }

    @Test
    void figuresAreSentWhenTheyChangeAndOnceToAClientThatComes() throws Exception {
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(key(), any -> true);
        long wanted = ((Number) tenant.get(id).path("progress.wantedBytes")).longValue();
        try (EventClient client = new EventClient(route, tenant.key(), null)) {
            client.snapshot();
            fleet.say(
                    key(),
                    Fleet.withLeft(Fleet.status(slice, 1, StatusRecord.State.DOWNLOADING, 0, 7), wanted - 1_000));
            Event event = next(client, id, 1_000);
            assertThat(event.id()).isNull();
            JsonNode shown = event.transfer(id);
            assertThat(shown.path("upRate").asLong()).isEqualTo(200);
            assertThat(shown.path("peers").asInt()).isEqualTo(7);
            assertThat(shown.path("seeds").asInt()).isEqualTo(3);
            assertThat(shown.path("availability").asInt()).isEqualTo(2_500);
            assertThat(shown.path("verifiedBytes").asLong()).isEqualTo(1_000);
            assertThat(shown.path("up").asLong()).isEqualTo(7);

            tenant.awaitState(id, "DOWNLOADING");
            try (EventClient late = new EventClient(route, tenant.key(), client.lastId())) {
                next(late, id, 1_000);
            }
        }
    }

    @Test
    void aTransferThatWasPausedIsFollowedUntilItsWorkerRests() throws Exception {
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(key(), any -> true);
        try (EventClient client = new EventClient(route, tenant.key(), null)) {
            client.snapshot();
            fleet.say(key(), Fleet.status(slice, 1, StatusRecord.State.DOWNLOADING, 0, 7));
            next(client, id, 1_000);
            tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
            client.next(changed -> changed.name().equals("changed")
                    && changed.transfer(id).path("state").asText().equals("PAUSED"));
            fleet.upload(key(), slice, 1, 8); // its worker has not heard of it yet
            client.next(event -> event.transfer(id).path("up").asLong(-1) == 8);
            fleet.say(key(), Fleet.status(slice, 1, StatusRecord.State.STOPPED, 0, 8));
            next(client, id, 0);
        }
    }
}
