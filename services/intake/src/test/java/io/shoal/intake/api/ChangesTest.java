package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client that keeps a copy of the library is told. */
@QuarkusTest
@OnPlatform
class ChangesTest {
    @Inject
    Session database;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void createTenant() {
        tenant = Tenant.create();
    }

    private Response changes(@Nullable String since, int limit) {
        return changes(tenant, since, limit);
    }

    private static Response changes(Tenant tenant, @Nullable String since, int limit) {
        var request = tenant.asks().queryParam("limit", limit);
        if (since != null) {
            request.queryParam("since", since);
        }
        Response response = request.get("/v1/changes");
        response.then().statusCode(200);
        return response;
    }

    private String position() {
        Response response = changes(null, 200);
        assertThat(response.<Boolean>path("reset")).isTrue();
        return response.path("next");
    }

    /** Waits for these changes, because other transactions of the service may still run. */
    private Response await(String since, List<String> changed, List<String> removed) {
        return Tenant.await()
                .until(
                        () -> changes(since, 200),
                        now -> now.<List<String>>path("changed.id").containsAll(changed)
                                && now.<List<String>>path("removed").containsAll(removed));
    }

    /** Whatever else stays as it is. */
    @Test
    void aSuspensionIsAChange() {
        String id = tenant.add(Torrents.small());
        tenant.awaitState(id, "QUEUED");
        String[] since = {position()};
        Tenant.await().until(() -> {
            Response page = changes(since[0], 200);
            since[0] = page.path("next");
            return page.<List<?>>path("changed").isEmpty();
        });
        QuarkusTransaction.requiringNew()
                .run(() -> database.createNativeMutationQuery("update transfer set suspended = true where id = :id")
                        .setParameter("id", UUID.fromString(id))
                        .executeUpdate());
        await(since[0], List.of(id), List.of());
    }

    @Test
    void addedChangedAndRemovedTransfersAreListedOnce() {
        String empty = position();
        String one = tenant.add(Torrents.small());
        String two = tenant.add(Torrents.small());
        Response added = await(empty, List.of(one, two), List.of());
        assertThat(added.<List<String>>path("changed.id")).containsExactlyInAnyOrder(one, two);
        assertThat(added.<Boolean>path("reset")).isFalse();

        String all = added.path("next");
        tenant.patch(two, "{\"paused\": true}").then().statusCode(200);
        tenant.remove(one);
        Response next = await(all, List.of(two), List.of(one));
        assertThat(next.<List<String>>path("changed.id")).containsExactly(two);
        assertThat(next.<List<String>>path("changed.state")).containsExactly("PAUSED");
        assertThat(next.<List<String>>path("removed")).containsExactly(one);
        Response rest = changes(next.path("next"), 200);
        assertThat(rest.<List<String>>path("changed.id")).isEmpty();
        assertThat(rest.<List<String>>path("removed")).isEmpty();
    }

    @Test
    void pagesHaveEachChangeOnce() {
        String empty = position();
        Set<String> added = new HashSet<>();
        for (int i = 0; i < 7; i++) {
            added.add(tenant.add(Torrents.small()));
        }
        await(empty, List.copyOf(added), List.of());
        List<String> seen = new ArrayList<>();
        String since = empty;
        boolean more = true;
        while (more) {
            Response page = changes(since, 2);
            seen.addAll(page.path("changed.id"));
            since = page.path("next");
            more = page.path("more");
            assertThat(seen).hasSizeLessThanOrEqualTo(7);
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(added);
    }

    @Test
    void aChangeOfATransactionThatEndsLaterIsNotPassed() {
        String one = tenant.add(Torrents.small());
        String two = tenant.add(Torrents.small());
        String empty = position();
        String[] since = {await(empty, List.of(), List.of()).path("next")};
        QuarkusTransaction.requiringNew().run(() -> {
            rename(one);
            QuarkusTransaction.requiringNew().run(() -> rename(two)); // is later, and ends first
            Response now = changes(since[0], 200);
            assertThat(now.<List<String>>path("changed.id")).doesNotContain(two);
            since[0] = now.path("next");
        });
        assertThat(await(since[0], List.of(one, two), List.of()).<List<String>>path("changed.id"))
                .containsExactly(one, two);
    }

    private void rename(String transfer) {
        database.createNativeMutationQuery("update transfer set name = name || ' again' where id = :id")
                .setParameter("id", UUID.fromString(transfer))
                .executeUpdate();
    }

    @Test
    void whatIsNoPositionOfTheLibraryIsAReset() {
        String others = changes(Tenant.create(), null, 1).path("next");
        for (String since : List.of("", "AAAA", "not base64 \u2713", others, others + "A")) {
            Response answer = changes(since, 200);
            assertThat(answer.<Boolean>path("reset")).as(since).isTrue();
            assertThat(changes(answer.path("next"), 200).<Boolean>path("reset")).isFalse();
        }
    }

    @Test
    void countersAreNoChanges() {
        String id = tenant.add(Torrents.small());
        String since = await(position(), List.of(), List.of()).path("next");
        QuarkusTransaction.requiringNew()
                .run(() -> database.createNativeMutationQuery(
                                "update transfer set slot_at = now(), slot_down = 7 where id = :id")
                        .setParameter("id", UUID.fromString(id))
                        .executeUpdate());
        assertThat(changes(since, 200).<List<String>>path("changed.id")).isEmpty();
    }
}
