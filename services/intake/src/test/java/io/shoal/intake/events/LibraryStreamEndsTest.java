package io.shoal.intake.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.embedded.test.DatabaseOutage;
import io.shoal.intake.api.UnreadableDocuments;
import io.shoal.intake.events.EventClient.Event;
import io.shoal.intake.events.LibraryStream.Phase;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When event streams of libraries end, and when they do not. */
@QuarkusTest
@OnPlatform
class LibraryStreamEndsTest {
    @TestHTTPResource("/v1/events")
    URI route = URI.create("http://never.example");

    @Inject
    LibraryFixture fixture;

    @Inject
    FollowedLibraries libraries;

    @Inject
    MeterRegistry meters;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.datasource.username")
    String user;

    @ConfigProperty(name = "quarkus.datasource.password")
    String password;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void createTenant() {
        tenant = Tenant.create();
    }

    private EventClient open(String key) throws Exception {
        EventClient client = new EventClient(route, key, null);
        client.snapshot();
        return client;
    }

    private Response addKey() {
        Response made = tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "some", "scopes", List.of("read")))
                .post("/v1/keys");
        made.then().statusCode(201);
        return made;
    }

    private List<LibraryStream> streams() {
        return libraries.streams().stream()
                .filter(stream -> stream.library().tenant().equals(UUID.fromString(tenant.id())))
                .toList();
    }

    @Test
    void theyEndWithTheirKeyOrSession() throws Exception {
        Response revoked = addKey();
        Response elsewhere = addKey();
        Response session = tenant.asks().post("/v1/sessions");
        try (EventClient stays = open(tenant.key());
                EventClient here = open(revoked.path("key"));
                EventClient there = open(elsewhere.path("key"));
                EventClient ofSession = open(session.path("token"))) {
            tenant.asks().delete("/v1/keys/" + revoked.path("id")).then().statusCode(204);
            fixture.delete("api_key", elsewhere.path("id")); // as another replica revokes it
            fixture.delete("api_session", session.path("id"));
            here.awaitEnd();
            there.awaitEnd();
            ofSession.awaitEnd();
            String id = tenant.add(Torrents.small());
            stays.next("changed", id);
        }
    }

    /** Both libraries are read together, and the other key is checked in the same turns. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLibraryThatCannotBeReadHoldsUpNeitherOthersNorTheKeyCheck(boolean isShown) throws Exception {
        String broken = tenant.add(Torrents.small());
        Tenant other = Tenant.create();
        String id = other.add(Torrents.small());
        Response key = addKey();
        try (EventClient waiting = open(tenant.key());
                EventClient following = open(other.key());
                EventClient refused = open(key.path("key"))) {
            Tenant.await().until(() -> libraries.streams().stream().allMatch(LibraryStream::isLive));
            if (isShown) {
                UnreadableDocuments.failToShow(UUID.fromString(broken));
            } else {
                UnreadableDocuments.failToRead(UUID.fromString(broken));
            }
            double before = failures();
            fixture.rename(broken, "never sent");
            Tenant.await().until(() -> failures() >= before + 2);
            for (String name : List.of("first", "second")) {
                fixture.rename(id, name);
                following.next(event -> event.transfer(id).path("name").asText().equals(name));
            }
            fixture.delete("api_key", key.path("id"));
            refused.awaitEnd();

            double then = failures();
            Tenant.await().until(() -> failures() >= then + 1); // it is tried again
            UnreadableDocuments.failToRead(UUID.randomUUID());
            fixture.rename(broken, "sent at last");
            waiting.next(event -> event.transfer(broken).path("name").asText().equals("sent at last"));
        }
    }

    @Test
    void theyEndWithTheirTenantsAccess() throws Exception {
        try (EventClient client = open(tenant.key())) {
            Tenant.operator()
                    .post("/v1/tenants/" + tenant.id() + "/suspend")
                    .then()
                    .statusCode(200);
            client.awaitEnd();
        }
    }

    @Test
    void aClientThatLeavesIsForgotten() throws Exception {
        open(tenant.key()).close();
        Tenant.await().until(() -> streams().isEmpty());
    }

    @Test
    void aClientThatDoesNotReadIsDisconnectedAndDelaysNoOther() throws Exception {
        String id = fixture.fill(tenant, 1_500, 400);
        try (Socket slow = new Socket();
                EventClient other = open(tenant.key())) {
            request(slow);
            Tenant.await().until(() -> streams().size() == 2);
            fixture.rename(id, "while the other one waits");
            assertThat(other.next("changed", id).transfer(id).path("name").asText())
                    .isEqualTo("while the other one waits");
            Tenant.await().until(() -> streams().size() == 1);
            fixture.rename(id, "after it");
            other.next("changed", id);
        }
        Tenant.await().until(() -> streams().isEmpty());
        Tenant.await().until(() -> meters.get("shoal.events.held.bytes").gauge().value() == 0);
    }

    @Test
    void aClientThatLagsBehindIsSentEverythingWhenItReadsOn() throws Exception {
        String first = tenant.add(Torrents.small());
        try (EventClient client = open(tenant.key())) {
            Tenant.await().until(() -> isLive() && isFollowed());
            client.stopReading();
            fixture.rename(first, "the last that it reads at once");
            String second = fixture.fill(tenant, 3_000, 400);
            Tenant.await().until(() -> !isLive());
            assertThat(isFollowed()).as("what is known of the library is kept").isTrue();
            client.readOn();
            Set<String> seen = new HashSet<>();
            while (seen.size() < 3_002) {
                Event event = client.next();
                assertThat(event.name()).isIn("changed", "progress");
                seen.addAll(event.transfers());
            }
            Tenant.await().until(this::isLive);
            assertThat(isFollowed()).isTrue();
            fixture.rename(second, "live again");
            client.next(event -> event.transfer(second).path("name").asText().equals("live again"));
        }
    }

    @Test
    void aChangeWhileTheLibraryIsSentIsNotLost() throws Exception {
        String id = fixture.fill(tenant, 1_000, 400);
        try (EventClient client = EventClient.thatWaits(route, tenant.key())) {
            Tenant.await()
                    .until(() -> streams().stream()
                            .anyMatch(stream -> stream.phase() instanceof Phase.Listing listing
                                    && listing.after() != null
                                    && stream.response().pending() > 0));
            fixture.rename(id, "after its page was read");
            client.readOn();
            List<Event> pages = client.snapshot();
            assertThat(pages).hasSize(3);
            assertThat(pages.getFirst().transfer(id).path("name").asText()).isNotEqualTo("after its page was read");
            client.next(event -> event.transfer(id).path("name").asText().equals("after its page was read"));
        }
    }

    /** Whether the library has a position, and it is known what the fleet works on. */
    private boolean isFollowed() {
        FollowedLibrary library = streams().getFirst().library();
        return library.position().isPresent() && library.lacksRunning().isEmpty();
    }

    private boolean isLive() {
        return streams().stream().allMatch(LibraryStream::isLive);
    }

    private void request(Socket socket) throws IOException {
        socket.setReceiveBufferSize(4_096);
        socket.connect(new InetSocketAddress(route.getHost(), route.getPort()));
        socket.getOutputStream()
                .write("GET /v1/events HTTP/1.1\r\nHost: intake\r\nAuthorization: Bearer %s\r\n\r\n"
                        .formatted(tenant.key())
                        .getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void theyStayWhileTheDatabaseIsAway() throws Exception {
        String id = tenant.add(Torrents.small());
        try (EventClient client = open(tenant.key())) {
            double before = failures();
            try (DatabaseOutage _ = DatabaseOutage.of(url, user, password)) {
                Tenant.await().until(() -> failures() >= before + 2);
            }
            Tenant.await().until(() -> tenant.get(id).statusCode() == 200);
            tenant.patch(id, "{\"displayName\":\"is back\"}").then().statusCode(200);
            client.next(event -> event.name().equals("changed")
                    && event.transfer(id).path("displayName").asText().equals("is back"));
        }
    }

    private double failures() {
        return meters.get("shoal.events.failures").counter().count();
    }
}
