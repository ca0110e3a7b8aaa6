package io.shoal.objectstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Shoal relies on in an S3 server and in our own way of asking it. Each server has a subclass. */
abstract class ObjectStoreContract {
    private static final int SEGMENT = 16 << 20;

    private final String prefix = "t/" + UUID.randomUUID() + "/";
    private MinioObjectStore store;

    /** A server that runs, and a bucket that may or may not exist. */
    abstract StoreConfig server();

    @BeforeEach
    void openStore() throws Exception {
        store = new MinioObjectStore(server());
        store.ensureBucket();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void aBucketIsCreatedOnceHoweverOftenItIsAsked() throws Exception {
        StoreConfig config = server();
        StoreConfig fresh = new StoreConfig(
                config.endpoint(),
                config.publicEndpoint(),
                config.region(),
                "shoal-" + UUID.randomUUID(),
                config.credentials(),
                config.caBundle(),
                config.checksums());
        try (MinioObjectStore other = new MinioObjectStore(fresh);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThatThrownBy(() -> other.put("k", ByteBuffer.allocate(1)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("there is no bucket " + fresh.bucket());
            List<Future<?>> racing = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                racing.add(threads.submit(() -> {
                    other.ensureBucket();
                    return null;
                }));
            }
            for (Future<?> one : racing) {
                one.get();
            }
            other.put("k", ByteBuffer.allocate(1));
            assertThat(other.size("k")).hasValue(1);
        }
    }

    @Test
    void bytesComeBackAsTheyWentFromHeapAndDirectBuffers() throws Exception {
        byte[] bytes = random(3_000_000);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 20).position(7);
        direct.put(bytes).flip().position(7);

        store.put(prefix + "heap", ByteBuffer.wrap(bytes));
        store.put(prefix + "direct", direct);
        store.put(prefix + "empty", ByteBuffer.allocate(0));

        assertThat(direct.position()).isEqualTo(7);
        assertThat(store.get(prefix + "heap", bytes.length)).isEqualTo(bytes);
        assertThat(store.get(prefix + "direct", bytes.length)).isEqualTo(bytes);
        assertThat(store.get(prefix + "empty", 0)).isEmpty();
        assertThat(store.size(prefix + "heap")).hasValue(bytes.length);
        assertThat(store.size(prefix + "empty")).hasValue(0);
    }

    @Test
    void writingAgainReplaces() throws Exception {
        store.put(prefix + "k", ByteBuffer.wrap("before".getBytes(UTF_8)));
        store.put(prefix + "k", ByteBuffer.wrap("after".getBytes(UTF_8)));

        assertThat(store.get(prefix + "k", 10)).asString(UTF_8).isEqualTo("after");
    }

    @Test
    void bytesThatDoNotMatchTheirChecksumAreRefused() throws Exception {
        assertThatThrownBy(() -> store.put(prefix + "damaged", ByteBuffer.wrap(random(1_000)), 12345))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("400");

        assertThat(store.size(prefix + "damaged")).isEmpty();
    }

    @Test
    void aRangeFillsTheBufferFromItsPosition() throws Exception {
        byte[] bytes = random(200_000);
        store.put(prefix + "k", ByteBuffer.wrap(bytes));

        for (ByteBuffer into : List.of(ByteBuffer.allocate(100_010), ByteBuffer.allocateDirect(100_010))) {
            into.position(10);
            store.read(prefix + "k", 99_999, into);
            assertThat(into.hasRemaining()).isFalse();
            byte[] got = new byte[100_000];
            into.get(10, got);
            assertThat(got).isEqualTo(java.util.Arrays.copyOfRange(bytes, 99_999, 199_999));
        }
    }

    @Test
    void aRangeBeyondTheEndIsNeverAnsweredShort() throws Exception {
        store.put(prefix + "k", ByteBuffer.wrap(random(1_000)));

        assertThatThrownBy(() -> store.read(prefix + "k", 900, ByteBuffer.allocate(101)))
                .isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> store.read(prefix + "k", 1_000, ByteBuffer.allocate(1)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aStreamGivesTheRangeAndNoMore() throws Exception {
        byte[] bytes = random(1 << 20);
        store.put(prefix + "k", ByteBuffer.wrap(bytes));

        try (InputStream in = store.open(prefix + "k", 1_000, 500_000)) {
            assertThat(in.readAllBytes()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 1_000, 501_000));
        }
        try (InputStream in = store.open(prefix + "k", 1_000, 0)) {
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void anObjectLargerThanTheLimitIsNotReadIntoMemory() throws Exception {
        store.put(prefix + "k", ByteBuffer.wrap(random(1_000)));

        assertThatThrownBy(() -> store.get(prefix + "k", 999)).isInstanceOf(IllegalStateException.class);
        assertThat(store.get(prefix + "k", 1_000)).hasSize(1_000);
    }

    @Test
    void whatIsNotThereIsSaidToBeNotThere() throws Exception {
        String missing = prefix + "missing";

        assertThatThrownBy(() -> store.get(missing, 10)).isInstanceOf(NoSuchObjectException.class);
        assertThatThrownBy(() -> store.read(missing, 0, ByteBuffer.allocate(1)))
                .isInstanceOf(NoSuchObjectException.class);
        assertThatThrownBy(() -> store.open(missing, 0, 1)).isInstanceOf(NoSuchObjectException.class);
        assertThat(store.size(missing)).isEqualTo(OptionalLong.empty());
        store.delete(List.of(missing, prefix + "another"));
    }

    @Test
    void moreObjectsThanOnePageAreListedInOrderAndDeletedInBulk() throws Exception {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            keys.add(prefix + "list/s/%08x".formatted(i));
        }
        store.put(prefix + "other", ByteBuffer.allocate(1));
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> puts = new ArrayList<>();
            for (String key : keys) {
                puts.add(threads.submit(() -> {
                    store.put(key, ByteBuffer.allocate(3));
                    return null;
                }));
            }
            for (Future<?> put : puts) {
                put.get();
            }
        }
        List<ObjectStore.Listed> listed = new ArrayList<>();
        store.list(prefix + "list/", listed::add);

        assertThat(listed).extracting(ObjectStore.Listed::key).isEqualTo(keys);
        assertThat(listed).extracting(ObjectStore.Listed::size).containsOnly(3L);

        long before = store.requests().count(S3Requests.Kind.DELETE_OBJECTS);
        store.delete(keys);
        assertThat(store.requests().count(S3Requests.Kind.DELETE_OBJECTS) - before)
                .isEqualTo(2);
        store.list(prefix + "list/", gone -> assertThat(gone).isNull());
        assertThat(store.size(prefix + "other")).hasValue(1);
    }

    @Test
    void aLargeFileIsAssembledFromItsSegmentsInsideTheStore() throws Exception {
        byte[] first = random(SEGMENT);
        byte[] second = random(SEGMENT);
        byte[] last = random(1_234);
        List<byte[]> segments = List.of(first, second, last);
        String file = prefix + "f/0";
        for (int i = 0; i < segments.size(); i++) {
            store.put(prefix + "s/" + i, ByteBuffer.wrap(segments.get(i)));
        }
        long sent = store.requests().bytesSent();

        String upload = store.beginUpload(file);
        List<String> etags = new ArrayList<>();
        for (int i = 0; i < segments.size(); i++) {
            etags.add(store.copyPart(file, upload, i + 1, prefix + "s/" + i));
        }
        assertThat(store.size(file)).as("before it is complete").isEmpty();
        store.completeUpload(file, upload, etags);

        assertThat(store.size(file)).hasValue(2L * SEGMENT + 1_234);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        try (InputStream in = store.open(file, 0, 2L * SEGMENT + 1_234)) {
            in.transferTo(whole);
        }
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        segments.forEach(expected::writeBytes);
        assertThat(whole.toByteArray()).isEqualTo(expected.toByteArray());
        assertThat(store.requests().bytesSent() - sent)
                .as("nothing goes through us")
                .isLessThan(10_000);
        try {
            store.completeUpload(file, upload, etags);
        } catch (NoSuchObjectException e) {
            // Servers differ here: gone, or done again to the same end.
        }
        store.abortUpload(file, upload);
        assertThat(store.size(file)).as("an abort that comes late").hasValue(2L * SEGMENT + 1_234);
    }

    @Test
    void onlyTheLastPartMayBeUnderFiveMebibytes() throws Exception {
        store.put(prefix + "small", ByteBuffer.wrap(random(1_000)));
        store.put(prefix + "last", ByteBuffer.wrap(random(1_000)));
        String upload = store.beginUpload(prefix + "f/1");
        List<String> etags = List.of(
                store.copyPart(prefix + "f/1", upload, 1, prefix + "small"),
                store.copyPart(prefix + "f/1", upload, 2, prefix + "last"));

        assertThatThrownBy(() -> store.completeUpload(prefix + "f/1", upload, etags))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("EntityTooSmall");
        store.abortUpload(prefix + "f/1", upload);
        assertThat(store.size(prefix + "f/1")).isEmpty();
    }

    @Test
    void aPartOfWhatIsMissingAndAnUploadThatIsGoneAreNotThere() throws Exception {
        String upload = store.beginUpload(prefix + "f/2");

        assertThatThrownBy(() -> store.copyPart(prefix + "f/2", upload, 1, prefix + "missing"))
                .isInstanceOf(NoSuchObjectException.class);
        store.put(prefix + "there", ByteBuffer.wrap(random(10)));
        String etag = store.copyPart(prefix + "f/2", upload, 1, prefix + "there");
        store.abortUpload(prefix + "f/2", upload);
        store.abortUpload(prefix + "f/2", upload);
        assertThatThrownBy(() -> store.completeUpload(prefix + "f/2", upload, List.of(etag)))
                .isInstanceOf(NoSuchObjectException.class);
    }

    @Test
    void aBucketThatWeCreateIsNotVersioned() throws Exception {
        assertThat(store.isVersioned()).isFalse();
    }

    @Test
    void aPresignedUrlGivesARangeUnderTheNameThatWeChose() throws Exception {
        byte[] bytes = random(100_000);
        store.put(prefix + "k", ByteBuffer.wrap(bytes));
        String disposition = "attachment; filename=\"a b.bin\"; filename*=UTF-8''%C3%A9%20b.bin";
        URI url = store.presignGet(
                prefix + "k",
                Duration.ofMinutes(15),
                Map.of(
                        "response-content-disposition",
                        disposition,
                        "response-content-type",
                        "application/octet-stream"));

        HttpResponse<byte[]> part = get(url, "bytes=1000-1999");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 1_000, 2_000));
        assertThat(part.headers().firstValue("content-disposition")).hasValue(disposition);
        assertThat(part.headers().firstValue("content-type")).hasValue("application/octet-stream");
        assertThat(get(url, "bytes=0-").body()).isEqualTo(bytes);
    }

    @Test
    void aPresignedUrlIsGoodForNothingElse() throws Exception {
        store.put(prefix + "k", ByteBuffer.wrap(random(10)));
        store.put(prefix + "secret", ByteBuffer.wrap(random(10)));
        String url = store.presignGet(prefix + "k", Duration.ofMinutes(15), Map.of("response-content-type", "a/b"))
                .toString();

        assertThat(get(URI.create(url.replace(prefix + "k", prefix + "secret")), "bytes=0-")
                        .statusCode())
                .isEqualTo(403);
        assertThat(get(URI.create(url.replace("a%2Fb", "text%2Fhtml")), "bytes=0-")
                        .statusCode())
                .isEqualTo(403);
        assertThat(get(URI.create(url.replace("Expires=900", "Expires=90000")), "bytes=0-")
                        .statusCode())
                .isEqualTo(403);
        assertThat(get(URI.create(url.replaceAll("\\?.*", "")), "bytes=0-").statusCode())
                .isEqualTo(403);
    }

    @Test
    void aUrlNamesThePublicEndpoint() throws Exception {
        StoreConfig config = server();
        StoreConfig published = new StoreConfig(
                config.endpoint(),
                URI.create("https://files.example.org"),
                config.region(),
                config.bucket(),
                config.credentials(),
                config.caBundle(),
                config.checksums());
        try (MinioObjectStore other = new MinioObjectStore(published)) {
            assertThat(other.presignGet("k", Duration.ofSeconds(60), Map.of()))
                    .hasScheme("https")
                    .hasHost("files.example.org")
                    .hasPath("/" + config.bucket() + "/k")
                    .hasParameter("X-Amz-Expires", "60");
        }
    }

    @Test
    void wrongKeysMakeTheStoreUnavailableAndTheMessageTellsWhatToDoWithoutThem() {
        StoreConfig config = server();
        String accessKey = ((StoreCredentials.Fixed) config.credentials()).accessKey();
        StoreConfig wrong = new StoreConfig(
                config.endpoint(),
                config.publicEndpoint(),
                config.region(),
                config.bucket(),
                accessKey,
                "not-the-secret");
        try (MinioObjectStore other = new MinioObjectStore(wrong)) {
            assertThatThrownBy(() -> other.put(prefix + "k", ByteBuffer.allocate(1)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("check access key")
                    .satisfies(e -> assertThat(e.toString())
                            .doesNotContain("not-the-secret")
                            .doesNotContain(accessKey)
                            .doesNotContain("Signature="));
            assertThatThrownBy(() -> other.size(prefix + "k")).isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void everyRequestIsCountedByItsKind() throws Exception {
        S3Requests requests = store.requests();
        long buckets = requests.count(S3Requests.Kind.BUCKET);

        store.put(prefix + "k", ByteBuffer.wrap(random(1_000)));
        store.get(prefix + "k", 1_000);
        store.size(prefix + "k");
        store.list(prefix, listed -> {});
        String upload = store.beginUpload(prefix + "f");
        String etag = store.copyPart(prefix + "f", upload, 1, prefix + "k");
        store.completeUpload(prefix + "f", upload, List.of(etag));
        store.abortUpload(prefix + "f", upload);
        store.delete(List.of(prefix + "k", prefix + "f"));

        for (S3Requests.Kind kind : S3Requests.Kind.values()) {
            assertThat(requests.count(kind)).as(kind.label()).isEqualTo(kind == S3Requests.Kind.BUCKET ? buckets : 1);
        }
        assertThat(requests.total()).isEqualTo(buckets + 9);
        assertThat(requests.bytesSent()).isBetween(1_000L, 3_000L);
        assertThat(requests.bytesReceived()).isBetween(1_000L, 6_000L);
    }

    private static HttpResponse<byte[]> get(URI url, String range) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(url).header("Range", range).build();
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
