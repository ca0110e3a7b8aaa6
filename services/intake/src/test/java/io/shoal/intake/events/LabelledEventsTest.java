package io.shoal.intake.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.shoal.intake.events.EventClient.Event;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a reader with an app key sees. */
@QuarkusTest
@OnPlatform
class LabelledEventsTest {
    @TestHTTPResource("/v1/events")
    URI route = URI.create("http://never.example");

    @Inject
    LibraryFixture fixture;

    private Tenant tenant = new Tenant("", "");
    private String labelled = "";
    private String plain = "";
    private String appKey = "";

    @BeforeEach
    void createLibrary() {
        tenant = Tenant.create();
        labelled = tenant.add(Torrents.small());
        plain = tenant.add(Torrents.small());
        label(labelled, "films", "mine");
        label(plain, "books");
        appKey = tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "films", "scopes", List.of("read"), "label", "films"))
                .post("/v1/keys")
                .path("key");
    }

    private void label(String transfer, String... labels) {
        tenant.patch(
                        transfer,
                        labels.length == 0
                                ? "{\"labels\":[]}"
                                : "{\"labels\":[\"" + String.join("\",\"", labels) + "\"]}")
                .then()
                .statusCode(200);
    }

    private EventClient open(@Nullable String lastId) throws Exception {
        return new EventClient(route, appKey, lastId);
    }

    /** Reads until {@code transfer} is removed; returns all transfers that were named until then. */
    private static List<String> readUntilRemoved(EventClient client, String transfer) throws Exception {
        List<String> named = new ArrayList<>();
        Event event;
        do {
            event = client.next();
            named.addAll(event.transfers());
            named.addAll(event.removed());
        } while (!event.removed().contains(transfer));
        return named;
    }

    @Test
    void onlyTransfersWithTheLabelAreShownWhileTheyHaveIt() throws Exception {
        try (EventClient client = open(null)) {
            assertThat(client.snapshot().getLast().transfers()).containsExactly(labelled);
            fixture.rename(plain, "not for this reader");
            label(plain, "papers");
            label(labelled, "mine");
            assertThat(readUntilRemoved(client, labelled)).doesNotContain(plain);
            label(plain, "films");
            assertThat(client.next("changed", plain).transfers()).containsExactly(plain);
            tenant.remove(labelled);
            tenant.remove(plain);
            assertThat(readUntilRemoved(client, plain)).doesNotContain(labelled);
        }
    }

    /** The number in the whole library would tell how many other transfers there are. */
    @Test
    void transfersHaveTheNumbersThatTheListShows() throws Exception {
        int number = new Tenant(tenant.id(), appKey).get(labelled).path("number");
        try (EventClient client = open(null)) {
            assertThat(client.snapshot()
                            .getLast()
                            .data()
                            .at("/transfers/0/number")
                            .asInt())
                    .isEqualTo(number)
                    .isNotEqualTo(tenant.get(labelled).<Integer>path("number"));
            fixture.rename(labelled, "with another name");
            assertThat(client.next("changed", labelled)
                            .data()
                            .at("/transfers/0/number")
                            .asInt())
                    .isEqualTo(number);
        }
    }

    @Test
    void whatHasLostTheLabelMeanwhileIsRemovedForAReaderThatComesBack() throws Exception {
        String last;
        String other = tenant.add(Torrents.small());
        label(other, "films");
        try (EventClient client = open(null)) {
            assertThat(client.snapshot().getLast().transfers()).containsExactlyInAnyOrder(labelled, other);
            last = client.lastId();
        }
        fixture.rename(plain, "not for this reader");
        tenant.remove(other);
        label(labelled);
        tenant.remove(plain);
        try (EventClient client = open(last)) {
            List<String> named = readUntilRemoved(client, labelled);
            assertThat(named).contains(other).doesNotContain(plain);
        }
    }

    @Test
    void whatHasTheLabelAgainIsNotRemoved() throws Exception {
        String last;
        try (EventClient client = open(null)) {
            client.snapshot();
            last = client.lastId();
        }
        label(labelled, "mine");
        label(labelled, "films");
        try (EventClient client = open(last)) {
            Event event;
            do {
                event = client.next();
                assertThat(event.removed()).doesNotContain(labelled);
            } while (!event.transfers().contains(labelled));
        }
    }
}
