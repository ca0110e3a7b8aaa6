package io.shoal.intake.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.hibernate.orm.PersistenceUnitExtension;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.intake.changes.ChangePosition;
import io.shoal.intake.changes.LibraryChanges;
import io.shoal.intake.events.EventClient.Event;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client that follows its library is sent. */
@QuarkusTest
@OnPlatform
class LibraryEventsTest {
    /** What has changed in all libraries that are followed. */
    private static final String CHANGES = "unnest(cast(? as uuid[])";

    /** The transfers that have changed. */
    private static final String DOCUMENTS = "from transfer t where t.id = any(cast(? as uuid[]))";

    @TestHTTPResource("/v1/events")
    URI route = URI.create("http://never.example");

    @Inject
    LibraryFixture fixture;

    @Inject
    LibraryChanges changes;

    @Inject
    FollowedLibraries libraries;

    @Inject
    @PersistenceUnitExtension
    ExecutedStatements executed;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void createTenant() {
        tenant = Tenant.create();
    }

    private EventClient open(@Nullable String lastId) throws Exception {
        return new EventClient(route, tenant.key(), lastId);
    }

    @Test
    void theLibraryComesInPagesAndThenWhatChanges() throws Exception {
        String newest = fixture.fill(tenant, 600, 1);
        try (EventClient client = open(null)) {
            List<Event> pages = client.snapshot();
            assertThat(pages).extracting(page -> page.transfers().size()).containsExactly(500, 101);
            assertThat(pages.getFirst().id()).isNull();
            assertThat(pages.getLast().id()).isNotBlank();
            Set<String> ids = new HashSet<>();
            pages.forEach(page -> ids.addAll(page.transfers()));
            assertThat(ids).hasSize(601);
            JsonNode shown = pages.getFirst().transfer(newest);
            assertThat(shown.path("name")).isEqualTo(json(newest).path("name"));
            assertThat(shown.path("torrent")).isEqualTo(json(newest).path("torrent"));

            tenant.patch(newest, "{\"displayName\":\"mine\"}").then().statusCode(200);
            Event changed = client.next("changed", newest);
            assertThat(changed.id()).isNotBlank();
            while (!changed.transfer(newest).path("displayName").asText().equals("mine")) {
                changed = client.next("changed", newest);
            }
            tenant.remove(newest);
            Event removed = client.next("removed", newest);
            assertThat(removed.removed()).containsExactly(newest);
            assertThat(removed.id()).isNotBlank();
        }
    }

    private JsonNode json(String transfer) throws Exception {
        return new ObjectMapper().readTree(tenant.get(transfer).asString());
    }

    @Test
    void anEmptyLibraryIsOnePage() throws Exception {
        try (EventClient client = open(null)) {
            List<Event> pages = client.snapshot();
            assertThat(pages).hasSize(1);
            assertThat(pages.getFirst().transfers()).isEmpty();
            String added = tenant.add(Torrents.small());
            assertThat(client.next("changed", added).transfers()).containsExactly(added);
        }
    }

    /** No stream is open meanwhile, so the replica has forgotten the library like one that never knew it. */
    @Test
    void aClientThatComesBackGetsWhatHasChanged() throws Exception {
        String one = tenant.add(Torrents.small());
        String two = tenant.add(Torrents.small());
        String stays = tenant.add(Torrents.small());
        awaitQuiet(one, two, stays);
        String last;
        try (EventClient client = open(null)) {
            client.snapshot();
            last = client.lastId();
        }
        tenant.patch(one, "{\"paused\":true}").then().statusCode(200);
        tenant.remove(two);
        try (EventClient header = open(last);
                EventClient query = new EventClient(URI.create(route + "?since=" + last), tenant.key(), null)) {
            for (EventClient client : List.of(header, query)) {
                Set<String> changed = new HashSet<>();
                Set<String> removed = new HashSet<>();
                while (!changed.contains(one) || !removed.contains(two)) {
                    Event event = client.next();
                    assertThat(event.name()).isIn("changed", "removed", "progress");
                    if (event.name().equals("changed")) {
                        changed.addAll(event.transfers());
                    }
                    removed.addAll(event.removed());
                }
                assertThat(changed).doesNotContain(stays);
            }
        }
    }

    /** Waits until nothing changes any more after these were added. */
    private void awaitQuiet(String... transfers) {
        for (String transfer : transfers) {
            tenant.awaitState(transfer, "QUEUED");
        }
        String[] since = {null};
        Tenant.await().until(() -> {
            var request = tenant.asks();
            if (since[0] != null) {
                request.queryParam("since", since[0]);
            }
            Response page = request.get("/v1/changes");
            boolean isQuiet = since[0] != null && page.<List<?>>path("changed").isEmpty();
            since[0] = page.path("next");
            return isQuiet;
        });
    }

    @Test
    void whatIsNoPositionOfTheLibraryIsAResetAndASnapshot() throws Exception {
        String id = tenant.add(Torrents.small());
        Tenant other = Tenant.create();
        String foreign;
        try (EventClient client = new EventClient(route, other.key(), null)) {
            client.snapshot();
            foreign = client.lastId();
        }
        ChangePosition now =
                QuarkusTransaction.requiringNew().call(() -> changes.current(UUID.fromString(tenant.id())));
        String old = changes.text(new ChangePosition(
                now.tenant(), now.transaction(), now.transfer(), Instant.now().minus(Duration.ofMinutes(56))));
        String ofAnotherDatabase = changes.text(
                new ChangePosition(now.tenant(), now.transaction() + 1_000_000_000, now.transfer(), Instant.now()));
        for (String since : List.of("nothing", foreign, old, ofAnotherDatabase)) {
            try (EventClient client = open(since)) {
                assertThat(client.next().name()).as(since).isEqualTo("reset");
                assertThat(client.snapshot().getLast().transfers()).containsExactly(id);
            }
        }
    }

    @Test
    void aPositionThatIsTooOldIsAResetAlsoAmongOthers() {
        ChangePosition now =
                QuarkusTransaction.requiringNew().call(() -> changes.current(UUID.fromString(tenant.id())));
        ChangePosition old = new ChangePosition(
                UUID.randomUUID(),
                now.transaction(),
                now.transfer(),
                Instant.now().minus(Duration.ofMinutes(56)));
        assertThat(QuarkusTransaction.requiringNew().call(() -> changes.sinceEach(List.of(old, now), 10)))
                .extracting(LibraryChanges.Page::reset)
                .containsExactly(true, false);
    }

    @Test
    void aChangeOfATransactionThatEndsLaterIsNotPassed() throws Exception {
        String one = tenant.add(Torrents.small());
        String two = tenant.add(Torrents.small());
        awaitQuiet(one, two);
        try (EventClient client = open(null)) {
            client.snapshot();
            QuarkusTransaction.requiringNew().run(() -> {
                fixture.renameHere(one, "first");
                fixture.rename(two, "second"); // is later, and ends first
                long before = executed.containing(CHANGES);
                Tenant.await().until(() -> executed.containing(CHANGES) >= before + 2);
            });
            Set<String> renamed = new HashSet<>();
            while (!renamed.containsAll(Set.of("first", "second"))) {
                client.next("changed")
                        .data()
                        .path("transfers")
                        .forEach(transfer -> renamed.add(transfer.path("name").asText()));
            }
        }
    }

    @Test
    void tenClientsCostOneQueryATick() throws Exception {
        String id = tenant.add(Torrents.small());
        awaitQuiet(id);
        List<EventClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                clients.add(open(null));
                clients.getLast().snapshot();
            }
            Tenant.await()
                    .until(() -> libraries.streams().stream()
                                    .filter(stream -> stream.library().tenant().equals(UUID.fromString(tenant.id()))
                                            && stream.isLive())
                                    .count()
                            == clients.size());
            long ticks = executed.containing(CHANGES);
            long documents = executed.containing(DOCUMENTS);
            long begun = System.nanoTime();
            Tenant.await().until(() -> executed.containing(CHANGES) >= ticks + 3);
            fixture.rename(id, "for all of them");
            for (EventClient client : clients) {
                assertThat(client.next("changed", id).transfer(id).path("name").asText())
                        .isEqualTo("for all of them");
            }
            assertThat(executed.containing(CHANGES) - ticks)
                    .isLessThanOrEqualTo((System.nanoTime() - begun) / 1_000_000_000 + 2);
            assertThat(executed.containing(DOCUMENTS) - documents).isEqualTo(1);
        } finally {
            clients.forEach(EventClient::close);
        }
    }

    @Test
    void otherTenantsSeeNothing() throws Exception {
        Tenant other = Tenant.create();
        try (EventClient client = new EventClient(route, other.key(), null)) {
            assertThat(client.snapshot().getFirst().transfers()).isEmpty();
            String foreign = tenant.add(Torrents.small());
            tenant.remove(foreign);
            String own = other.add(Torrents.small());
            Event first = client.next();
            assertThat(first.name()).isEqualTo("changed");
            assertThat(first.transfers()).containsExactly(own);
        }
    }

    @Test
    void placesAreSharedWithStreamsOfTransfers() throws Exception {
        String id = tenant.add(Torrents.small());
        List<EventClient> clients = new ArrayList<>();
        try {
            clients.add(new EventClient(route.resolve("/v1/transfers/" + id + "/events"), tenant.key(), null));
            clients.getFirst().next("transfer");
            for (int i = 1; i < 10; i++) {
                clients.add(open(null));
                clients.getLast().snapshot();
            }
            for (String path : List.of("/v1/events", "/v1/transfers/" + id + "/events")) {
                tenant.asks().get(path).then().statusCode(429).body("code", equalTo("too-many-streams"));
            }
            for (int head = 0; head < 3; head++) {
                tenant.asks().head("/v1/events").then().statusCode(200).header("X-Accel-Buffering", "no");
            }
            clients.removeLast().close();
            Tenant.await().untilAsserted(() -> {
                try (EventClient again = open(null)) {
                    assertThat(again.response().statusCode()).isEqualTo(200);
                    assertThat(again.response().headers().firstValue("X-Accel-Buffering"))
                            .hasValue("no");
                    assertThat(again.response().headers().firstValue("Cache-Control"))
                            .hasValue("no-store");
                    assertThat(again.response().headers().firstValue("Content-Type"))
                            .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
                }
            });
        } finally {
            clients.forEach(EventClient::close);
        }
    }
}
