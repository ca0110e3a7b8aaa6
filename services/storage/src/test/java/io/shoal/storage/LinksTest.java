package io.shoal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.contracts.links.LinkToken;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.objectstore.ObjectStore;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@PlatformTest
class LinksTest {
    private static final int SEGMENT = 16 << 20;

    @SuppressWarnings("NullAway.Init") // Quarkus sets it
    @TestHTTPResource("/content/")
    URI base;

    @Inject
    TestServers servers;

    @Inject
    ObjectStore store;

    @Inject
    FaultyStore faults;

    @Inject
    FaultyDatabase database;

    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void heal() {
        faults.heal();
        database.setDown(false);
    }

    @Test
    void aPackedFileIsStreamed() throws Exception {
        Sample sample = downloaded(Sample.of(5_000, 0, 100_000, 7));

        HttpResponse<byte[]> answer = get(sample, 2);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(sample.content(2));
        assertThat(header(answer, "Content-Length")).isEqualTo("100000");
        assertThat(header(answer, "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(header(answer, "Content-Disposition")).startsWith("attachment; filename=\"file.bin\"");
        assertThat(header(answer, "Accept-Ranges")).isEqualTo("bytes");
        assertTamed(answer);
    }

    @Test
    void anEmptyFileIsEmpty() throws Exception {
        Sample sample = downloaded(Sample.of(5_000, 0, 100_000));

        HttpResponse<byte[]> answer = get(sample, 1);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertThat(header(answer, "Content-Length")).isEqualTo("0");
        assertThat(get(sample, 1, "Range", "bytes=0-").statusCode()).isEqualTo(200);
    }

    @Test
    void aFileThatIsItsWholePackIsReadFromTheStoreItself() throws Exception {
        Sample sample = downloaded(Sample.of(200));

        HttpResponse<byte[]> answer = get(sample, 0);

        assertThat(answer.statusCode()).isEqualTo(302);
        assertTamed(answer);
        HttpResponse<byte[]> there = follow(answer);
        assertThat(there.statusCode()).isEqualTo(200);
        assertThat(there.body()).isEqualTo(sample.content(0));
    }

    @Test
    void withoutCredentialsToSignARedirectTheLinkWorksLater() throws Exception {
        Sample sample = downloaded(Sample.of(200));
        faults.takeTokenServiceAway();

        HttpResponse<byte[]> answer = get(sample, 0);

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("store-unavailable");
        assertThat(header(answer, "Retry-After")).isNotEmpty();
        faults.heal();
        assertThat(get(sample, 0).statusCode()).isEqualTo(302);
    }

    @Test
    void aRedirectLastsAsLongAsItsLinkAndWhereItMayNotTheFileIsStreamed() throws Exception {
        Sample sample = downloaded(Sample.of(200));
        Duration most = Duration.ofHours(6);

        HttpResponse<byte[]> redirect = http(tokenFor(sample, most.minusMinutes(1)), "GET");
        assertThat(redirect.statusCode()).isEqualTo(302);
        Matcher expires = Pattern.compile("X-Amz-Expires=([0-9]+)").matcher(header(redirect, "Location"));
        assertThat(expires.find()).isTrue();
        assertThat(Duration.ofSeconds(Long.parseLong(expires.group(1))))
                .isBetween(most.minusMinutes(2), most.minusMinutes(1).plusSeconds(1));

        for (String streamed : List.of(
                tokenFor(sample, most.plusMinutes(1)),
                tokenFor(sample, Duration.ofMinutes(1), LinkToken.Flag.NO_REDIRECT))) {
            HttpResponse<byte[]> answer = http(streamed, "GET");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(sample.content(0));
        }
    }

    private String tokenFor(Sample sample, Duration lifetime, LinkToken.Flag... flags) {
        return servers.token(
                UUID.randomUUID(), sample, 0, "file.bin", Instant.now().plus(lifetime), flags);
    }

    @Test
    void anAssembledFileIsReadFromTheStoreItselfAsAnAttachment() throws Exception {
        Sample sample = downloaded(Sample.of(2 * SEGMENT + 9));
        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
        String token = token(sample, 0, "Füße \"und\" mehr.html");
        await().until(() -> http(token, "GET").statusCode() == 302);

        HttpResponse<byte[]> there = follow(http(token, "GET"), "Range", "bytes=16777210-16777230");

        assertThat(there.statusCode()).isEqualTo(206);
        assertThat(there.body()).isEqualTo(Arrays.copyOfRange(sample.content(0), 16777210, 16777231));
        assertThat(header(there, "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(header(there, "Content-Disposition"))
                .startsWith("attachment;")
                .contains("filename*=UTF-8''F%C3%BC%C3%9Fe");
        assertThat(follow(http(token, "GET")).body()).isEqualTo(sample.content(0));

        HttpResponse<byte[]> head = http(token, "HEAD");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "Content-Length")).isEqualTo(Integer.toString(2 * SEGMENT + 9));
        assertThat(header(head, "Content-Type")).isEqualTo("application/octet-stream");
        assertTamed(head);
    }

    @Test
    void everyRangeOfAPartlyStoredFileIsExactOrNotThereYet() throws Exception {
        Sample sample = Sample.of(3 * SEGMENT + 1_000);
        servers.plan(sample, 1);
        servers.store(sample, 0, 1, 3);
        servers.publishStatus(sample, 1, 0, 0, 1, 3);
        byte[] file = sample.content(0);
        awaitStatus(sample, 206, "bytes=0-0");

        Random random = new Random(7);
        for (int round = 0; round < 60; round++) {
            int first = near(random, file.length);
            int last = Math.min(file.length - 1, first + random.nextInt(1 << random.nextInt(1, 25)));
            HttpResponse<byte[]> answer = get(sample, 0, "Range", "bytes=" + first + "-" + last);
            if (first < 3 * SEGMENT && last >= 2 * SEGMENT) {
                assertProblem(answer, 503, "not-stored-yet");
                assertThat(header(answer, "Retry-After")).isNotEmpty();
            } else {
                assertThat(answer.statusCode()).isEqualTo(206);
                assertThat(header(answer, "Content-Range"))
                        .isEqualTo("bytes " + first + "-" + last + "/" + file.length);
                assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(file, first, last + 1));
            }
        }
        assertProblem(get(sample, 0), 503, "not-stored-yet");
        assertThat(http(token(sample, 0, "file.bin"), "HEAD").statusCode()).isEqualTo(503);
    }

    /** A position, more often than not one beside a border of segments. */
    private static int near(Random random, int length) {
        int border = random.nextInt(4) * SEGMENT;
        int position = random.nextBoolean() ? random.nextInt(length) : border + random.nextInt(-40, 40);
        return Math.clamp(position, 0, length - 1);
    }

    @Test
    void rangesAreAnsweredAsTheRfcSays() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));

        HttpResponse<byte[]> suffix = get(sample, 1, "Range", "bytes=-10");
        assertThat(suffix.statusCode()).isEqualTo(206);
        assertThat(suffix.body()).isEqualTo(Arrays.copyOfRange(sample.content(1), 990, 1_000));
        HttpResponse<byte[]> beyond = get(sample, 1, "Range", "bytes=1000-");
        assertProblem(beyond, 416, "range-not-satisfiable");
        assertThat(header(beyond, "Content-Range")).isEqualTo("bytes */1000");
        for (String inFull : List.of("bytes=0-1,5-6", "lines=1-2", "bytes=7-3", "bytes=", "bytes=a-b")) {
            HttpResponse<byte[]> answer = get(sample, 1, "Range", inFull);
            assertThat(answer.statusCode()).as(inFull).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(sample.content(1));
        }
    }

    @Test
    void aTagTellsWhetherItIsStillTheSameFile() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));
        String tag = header(get(sample, 1), "ETag");
        assertThat(tag).matches("\"[A-Za-z0-9_-]{16}\"");
        assertThat(header(http(token(sample, 1, "other name"), "HEAD"), "ETag")).isEqualTo(tag);
        assertThat(header(http(token(sample, 0, "other file"), "HEAD"), "ETag")).isNotEqualTo(tag);

        assertThat(get(sample, 1, "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(get(sample, 1, "Range", "bytes=0-1", "If-Range", tag).statusCode())
                .isEqualTo(206);
        assertThat(get(sample, 1, "Range", "bytes=0-1", "If-Range", "\"other\"").statusCode())
                .isEqualTo(200);
        assertThat(get(sample, 1, "If-Match", "\"other\"").statusCode()).isEqualTo(412);
    }

    @Test
    void mediaIsShownAndPagesAreNot() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));

        HttpResponse<byte[]> film = http(token(sample, 1, "a film.mp4"), "GET");
        assertThat(header(film, "Content-Type")).isEqualTo("video/mp4");
        assertThat(header(film, "Content-Disposition")).startsWith("inline");
        for (String name : List.of("page.html", "drawing.svg", "page.xhtml", "mp4", "script.js", "x.pdf")) {
            HttpResponse<byte[]> saved = http(token(sample, 1, name), "GET");
            assertThat(header(saved, "Content-Type")).as(name).isEqualTo("application/octet-stream");
            assertThat(header(saved, "Content-Disposition")).startsWith("attachment");
            assertTamed(saved);
        }
    }

    @Test
    void aTokenThatIntakeDidNotSignOpensNothing() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));
        String good = token(sample, 1, "file.bin");
        char last = good.charAt(good.length() - 2);
        String flipped =
                good.substring(0, good.length() - 2) + (last == 'A' ? 'B' : 'A') + good.charAt(good.length() - 1);

        for (String bad : List.of(
                flipped,
                "x",
                "AQ",
                good + "A",
                "A".repeat(3_000),
                "%00",
                "..%2f..%2fetc",
                good.substring(3),
                "%F0%9F")) {
            HttpResponse<byte[]> answer = http(bad, "GET");
            assertThat(answer.statusCode()).as(bad).isBetween(400, 404);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).doesNotContain("xception");
        }
        assertProblem(http(flipped, "GET"), 403, "bad-link");
        assertProblem(
                http(servers.token(sample, 1, "file.bin", Instant.now().minusSeconds(1)), "GET"), 403, "link-expired");
    }

    @Test
    void aLinkTakesOneQuery() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));
        long before = database.statements("quarkus-virtual-thread");

        assertThat(get(sample, 1).body()).isEqualTo(sample.content(1));

        assertThat(database.statements("quarkus-virtual-thread") - before).isEqualTo(1);
    }

    @Test
    void whatIsNotThereIsNotFoundAndWhatWasRemovedIsGone() throws Exception {
        Sample sample = downloaded(Sample.aligned(100, 1_000));
        assertProblem(get(sample, 1), 404, "not-found");
        assertThat(get(sample, 2).body()).isEqualTo(sample.content(2));
        assertProblem(get(sample, 99), 404, "not-found");

        servers.remove(sample, 2);
        servers.hear(sample.torrent(), ContentRecord.Purged.class, 1);
        assertProblem(get(sample, 2), 410, "gone");
    }

    @Test
    void linksThatWereIssuedBeforeTheirTenantsLinksBecameVoidAreRevoked() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));
        UUID tenant = UUID.randomUUID();
        Instant expires = Instant.now().plusSeconds(600);
        String before = servers.token(tenant, sample, 1, "file.bin", expires);
        String other = token(sample, 1, "file.bin");
        assertThat(http(before, "GET").statusCode()).isEqualTo(200);

        long later = Instant.now().getEpochSecond() + 1;
        setRules(tenant, Json.write(new AdmissionRecord.TenantRules(1, 7, false, null, later)));

        await().untilAsserted(() -> assertProblem(http(before, "GET"), 403, "link-revoked"));
        assertThat(http(other, "GET").statusCode()).isEqualTo(200);
        await().until(() -> Instant.now().getEpochSecond() >= later);
        String after = servers.token(tenant, sample, 1, "file.bin", expires);
        assertThat(http(after, "GET").statusCode()).isEqualTo(200);
        assertThat(http(before, "HEAD").statusCode()).isEqualTo(403);

        setRules(tenant, new byte[] {'{'});
        setRules(tenant, null);
        await().until(() -> http(before, "GET").statusCode() == 200);
    }

    private void setRules(UUID tenant, byte @Nullable [] rules) {
        servers.send(Topic.ADMISSION, new AdmissionKey.OfTenant(tenant).toString(), rules);
    }

    @Test
    void aLinkThatComesBeforeTheRecordOfItsTorrentHasToWait() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));
        for (Sample unknown : List.of(Sample.of(10), sample.reborn())) {
            HttpResponse<byte[]> answer = get(unknown, 0);
            assertProblem(answer, 503, "not-stored-yet");
            assertThat(header(answer, "Retry-After")).isNotEmpty();
        }
    }

    @Test
    void withoutTheStoreALinkHasToWait() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));
        faults.setDown(true);

        HttpResponse<byte[]> answer = get(sample, 1);
        assertProblem(answer, 503, "store-unavailable");
        assertThat(header(answer, "Retry-After")).isNotEmpty();
        assertTamed(answer);
        faults.setDown(false);
        assertThat(get(sample, 1).body()).isEqualTo(sample.content(1));
    }

    @Test
    void ourOwnMistakeIsAProblemToo() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));
        faults.setRefusing(true);

        assertProblem(get(sample, 1), 500, "internal");
    }

    @Test
    void withoutTheDatabaseLinksToCompleteFilesGoOn() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));
        Sample other = downloaded(Sample.of(100, 1_000));
        assertThat(get(sample, 1).statusCode()).isEqualTo(200);
        database.setDown(true);

        assertThat(get(sample, 1).body()).isEqualTo(sample.content(1));
        assertProblem(get(other, 0), 503, "catalog-unavailable");
    }

    @Test
    void bytesThatWereLostAreToldAndServedWhenTheyAreBack() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000));
        store.delete(List.of(sample.keys().segment(new SegmentIndex(0))));

        assertProblem(get(sample, 1), 503, "not-stored-yet");
        assertThat(
                        servers
                                .hear(sample.torrent(), ContentRecord.Lost.class, 1)
                                .getFirst()
                                .segments()
                                .toBitSet()
                                .stream())
                .containsExactly(0);
        assertProblem(get(sample, 1), 503, "not-stored-yet");
        assertThat(servers.heard(sample.torrent(), ContentRecord.Lost.class)).hasSize(1);
        servers.store(sample, 0);
        servers.publishStatus(sample, 2, 1, 0);
        await().untilAsserted(() -> assertThat(get(sample, 1).body()).isEqualTo(sample.content(1)));
    }

    @Test
    void aLossThatManyReadersMeetAtOnceIsPublishedOnce() throws Exception {
        Sample sample = downloaded(Sample.of(100, 1_000, 1_000));
        List<URI> links = IntStream.range(0, 50)
                .mapToObj(reader -> base.resolve(token(sample, 1 + reader % 2, "reader " + reader) + "/name"))
                .toList();
        store.delete(List.of(sample.keys().segment(new SegmentIndex(0))));

        List<CompletableFuture<HttpResponse<byte[]>>> answers = links.stream()
                .map(link ->
                        http.sendAsync(HttpRequest.newBuilder(link).build(), HttpResponse.BodyHandlers.ofByteArray()))
                .toList();

        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertProblem(answer.get(), 503, "not-stored-yet");
        }
        // Records of a torrent are in order, so all that was published before this one is read with it.
        servers.send(
                Topic.CONTENT, sample.torrent().value(), Json.write(new ContentRecord.Purged(1, sample.generation())));
        servers.hear(sample.torrent(), ContentRecord.Purged.class, 1);
        assertThat(servers.heard(sample.torrent(), ContentRecord.Lost.class)).hasSize(1);
    }

    @Test
    void anAssembledFileThatWasLostIsToldWithAllItsSegments() throws Exception {
        Sample sample = downloaded(Sample.of(SEGMENT + 1));
        servers.hear(sample.torrent(), ContentRecord.Assembled.class, 1);
        await().untilAsserted(() -> assertThat(servers.objects(sample)).hasSize(2));
        store.delete(List.of(sample.keys().file(new FileIndex(0))));

        assertProblem(get(sample, 0), 503, "not-stored-yet");
        assertThat(
                        servers
                                .hear(sample.torrent(), ContentRecord.Lost.class, 1)
                                .getFirst()
                                .segments()
                                .toBitSet()
                                .stream())
                .containsExactly(0, 1);
    }

    private Sample downloaded(Sample sample) throws Exception {
        servers.plan(sample, 1);
        servers.download(sample);
        int last = sample.contents().size() - 1;
        await().until(() -> List.of(200, 302).contains(get(sample, last).statusCode()));
        return sample;
    }

    private void awaitStatus(Sample sample, int status, String range) {
        await().until(() -> get(sample, 0, "Range", range).statusCode() == status);
    }

    private String token(Sample sample, int file, String name) {
        return servers.token(sample, file, name, Instant.now().plusSeconds(600));
    }

    private HttpResponse<byte[]> get(Sample sample, int file, String... headers)
            throws IOException, InterruptedException {
        return http(token(sample, file, "file.bin"), "GET", headers);
    }

    private HttpResponse<byte[]> http(String token, String method, String... headers)
            throws IOException, InterruptedException {
        return send(base.resolve(token + "/any%20name"), method, headers);
    }

    private HttpResponse<byte[]> follow(HttpResponse<byte[]> redirect, String... headers)
            throws IOException, InterruptedException {
        return send(URI.create(header(redirect, "Location")), "GET", headers);
    }

    private HttpResponse<byte[]> send(URI uri, String method, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<byte[]> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static void assertTamed(HttpResponse<byte[]> answer) {
        assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(answer, "Content-Security-Policy")).contains("sandbox");
        assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }

    private static void assertProblem(HttpResponse<byte[]> answer, int status, String code) throws IOException {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(header(answer, "Content-Type")).startsWith("application/problem+json");
        JsonNode problem = new ObjectMapper().readTree(answer.body());
        assertThat(problem.get("code").asText()).isEqualTo(code);
        assertThat(problem.get("type").asText()).isEqualTo("urn:shoal:problem:" + code);
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("title").asText()).isNotEmpty();
        assertTamed(answer);
    }
}
