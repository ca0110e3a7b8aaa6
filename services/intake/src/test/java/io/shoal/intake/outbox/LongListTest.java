package io.shoal.intake.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hibernate.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A long list of denied torrents holds up no work that comes after it. */
@QuarkusTest
@OnPlatform
class LongListTest {
    @Inject
    Relay relay;

    @Inject
    Session session;

    @Inject
    Duties duties;

    @Inject
    DesiredState desired;

    @Inject
    Publisher publisher;

    @AfterEach
    void relayRuns() {
        relay.start();
    }

    @Test
    void whatIsAddedAfterAListIsPublishedBeforeIt() throws Exception {
        Tenant tenant = Tenant.create();
        relay.stop();
        long prefix = ThreadLocalRandom.current().nextLong();
        List<String> hashes = IntStream.range(0, 1_500)
                .mapToObj(i -> String.format(Locale.ROOT, "%016x%024x", prefix, i))
                .toList();
        Tenant.operator()
                .contentType("text/plain")
                .body(hashes.stream().collect(Collectors.joining("\n")))
                .post("/v1/deny")
                .then()
                .statusCode(200);
        Metainfo torrent = Torrents.small();
        tenant.add(torrent);
        // Denied by itself, and urgent: it overtakes the list too.
        String urgent = hashes.getLast();
        Tenant.operator().delete("/v1/deny/" + urgent).then().statusCode(204);
        Tenant.operator().put("/v1/deny/" + urgent).then().statusCode(200);
        List<Publisher.Entry> published = new CopyOnWriteArrayList<>();
        Relay watched = new Relay(new DirtyKeys(session), duties, desired, entries -> {
            publisher.publish(entries);
            published.addAll(entries);
        });
        watched.start();
        Tenant.await().until(() -> turnOf(published, Topic.ADMISSION, "list/" + hashes.get(1_400)) >= 0);
        watched.stop();

        int listed = turnOf(published, Topic.ADMISSION, "list/" + hashes.get(1_400));
        String slice = TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
        assertThat(turnOf(published, Topic.SLICES, slice)).isBetween(0, listed);
        assertThat(turnOf(published, Topic.ADMISSION, "list/" + urgent)).isBetween(0, listed);
    }

    private static int turnOf(List<Publisher.Entry> published, Topic topic, String key) {
        return IntStream.range(0, published.size())
                .filter(turn -> published.get(turn).topic() == topic
                        && published.get(turn).key().equals(key))
                .findFirst()
                .orElse(-1);
    }
}
