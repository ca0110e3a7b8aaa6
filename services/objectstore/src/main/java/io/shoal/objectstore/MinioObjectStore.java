package io.shoal.objectstore;

import io.minio.AbortMultipartUploadArgs;
import io.minio.BucketExistsArgs;
import io.minio.Checksum;
import io.minio.CompleteMultipartUploadArgs;
import io.minio.ComposeObjectArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.DeleteObjectsArgs;
import io.minio.GetBucketVersioningArgs;
import io.minio.GetObjectArgs;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.HeadObjectArgs;
import io.minio.Http;
import io.minio.ListObjectsV2Args;
import io.minio.MakeBucketArgs;
import io.minio.PutObjectAPIArgs;
import io.minio.SourceObject;
import io.minio.UploadPartCopyArgs;
import io.minio.messages.DeleteRequest;
import io.minio.messages.DeleteResult;
import io.minio.messages.Item;
import io.minio.messages.ListBucketResultV2;
import io.minio.messages.Part;
import io.minio.messages.VersioningConfiguration;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * The store over the MinIO Java SDK, for any server that speaks S3.
 *
 * <p>Invariant: every request is tried once (a stale pooled connection apart) and has a bounded time; the caller decides about
 * retries, because it knows how long it may wait. Segments go out unsigned but with a CRC32C in a signed header: over plain HTTP
 * the SDK would hash them twice otherwise, which costs more than sending them.
 */
public final class MinioObjectStore implements ObjectStore {
    /** Keys in one request to delete or list: the protocol's limit. */
    private static final int PAGE = 1_000;

    private static final int PARTIAL_CONTENT = 206;
    private static final String UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

    private final StoreConfig config;
    private final Failures failures;
    private final SdkCalls calls;
    private final S3Requests requests = new S3Requests();
    private final Clients clients;

    /** Connects on first use. */
    public MinioObjectStore(StoreConfig config) {
        this(config, Timeouts.DEFAULT);
    }

    MinioObjectStore(StoreConfig config, Timeouts timeouts) {
        this.config = config;
        failures = new Failures(config);
        calls = new SdkCalls(failures);
        clients = new Clients(config, timeouts, requests);
    }

    /** What went over the wire so far. */
    public S3Requests requests() {
        return requests;
    }

    @Override
    public void ensureBucket() throws StoreUnavailableException {
        if (bucketExists()) {
            return;
        }
        String bucket = config.bucket();
        MakeBucketArgs args = MakeBucketArgs.builder().bucket(bucket).build();
        try {
            calls.awaitPresent("create the bucket", bucket, () -> clients.calls.makeBucket(args));
        } catch (IllegalStateException refused) {
            // Another service was faster, or the name is taken: ask once more which of the two.
            if (!bucketExists()) {
                throw refused;
            }
        }
    }

    private boolean bucketExists() throws StoreUnavailableException {
        String bucket = config.bucket();
        BucketExistsArgs args = BucketExistsArgs.builder().bucket(bucket).build();
        return calls.awaitPresent("look for the bucket", bucket, () -> clients.calls.bucketExists(args));
    }

    @Override
    public boolean isVersioned() throws StoreUnavailableException {
        String bucket = config.bucket();
        GetBucketVersioningArgs args =
                GetBucketVersioningArgs.builder().bucket(bucket).build();
        try {
            return calls.awaitPresent(
                                    "tell the versioning of the bucket",
                                    bucket,
                                    () -> clients.calls.getBucketVersioning(args))
                            .status()
                    == VersioningConfiguration.Status.ENABLED;
        } catch (IllegalStateException refused) {
            throw failures.unavailable("tell the versioning of the bucket", bucket, "it refuses the question", refused);
        }
    }

    @Override
    public void put(String key, ByteBuffer body) throws StoreUnavailableException {
        CRC32C crc = new CRC32C();
        crc.update(body.duplicate());
        put(key, body, (int) crc.getValue());
    }

    /** As {@link #put(String, ByteBuffer)}, with a checksum that the server compares with what it received. */
    void put(String key, ByteBuffer body, int crc32c) throws StoreUnavailableException {
        PutObjectAPIArgs.Builder args =
                PutObjectAPIArgs.builder().bucket(config.bucket()).object(key).buffer(new NioBody(body));
        if (!config.checksums()) {
            calls.awaitPresent("store", key, () -> clients.calls.putWithoutChecksum(args.build()));
            return;
        }
        byte[] checksum = ByteBuffer.allocate(Integer.BYTES).putInt(crc32c).array();
        args.headers(new Http.Headers(
                Http.Headers.X_AMZ_CONTENT_SHA256,
                UNSIGNED_PAYLOAD,
                Checksum.Algorithm.CRC32C.header(),
                Base64.getEncoder().encodeToString(checksum)));
        calls.awaitPresent("store", key, () -> clients.calls.putObject(args.build()));
    }

    @Override
    public void read(String key, long offset, ByteBuffer into) throws NoSuchObjectException, StoreUnavailableException {
        if (!into.hasRemaining()) {
            return;
        }
        try (Response response = range(clients.calls, key, offset, into.remaining())) {
            fill(response.body().source(), into);
        } catch (IOException e) {
            throw failures.unavailable("read", key, "it stopped in the middle", e);
        }
    }

    @Override
    public byte[] get(String key, int limit) throws NoSuchObjectException, StoreUnavailableException {
        GetObjectArgs args =
                GetObjectArgs.builder().bucket(config.bucket()).object(key).build();
        try (Response response = calls.await("read", key, () -> clients.calls.get(args))) {
            BufferedSource source = response.body().source();
            if (source.request(limit + 1L)) {
                throw new IllegalStateException(key + " is larger than " + limit + " bytes");
            }
            byte[] bytes = source.readByteArray();
            if (response.body().contentLength() > bytes.length) {
                throw new EOFException("the body ends too early");
            }
            return bytes;
        } catch (IOException e) {
            throw failures.unavailable("read", key, "it stopped in the middle", e);
        }
    }

    @Override
    public InputStream open(String key, long offset, long length)
            throws NoSuchObjectException, StoreUnavailableException {
        if (length == 0) {
            return InputStream.nullInputStream();
        }
        return range(clients.streams, key, offset, length).body().byteStream();
    }

    @Override
    public OptionalLong size(String key) throws StoreUnavailableException {
        HeadObjectArgs args =
                HeadObjectArgs.builder().bucket(config.bucket()).object(key).build();
        try {
            return OptionalLong.of(calls.await("look for", key, () -> clients.calls.headObject(args))
                    .size());
        } catch (NoSuchObjectException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public void list(String prefix, Consumer<Listed> each) throws StoreUnavailableException {
        String next = null;
        do {
            ListObjectsV2Args.Builder args = ListObjectsV2Args.builder()
                    .bucket(config.bucket())
                    .prefix(prefix)
                    .maxKeys(PAGE);
            if (next != null) {
                args.continuationToken(next);
            }
            ListBucketResultV2 page = calls.awaitPresent(
                            "list", prefix, () -> clients.calls.listObjectsV2(args.build()))
                    .result();
            for (Item item : page.contents()) {
                each.accept(new Listed(item.objectName(), item.size()));
            }
            next = page.isTruncated() ? page.nextContinuationToken() : null;
            if (page.isTruncated() && (next == null || next.isEmpty())) {
                throw failures.unavailable(
                        "list", prefix, "it says that there is more, but not where to continue", null);
            }
        } while (next != null);
    }

    @Override
    public void delete(Collection<String> keys) throws StoreUnavailableException {
        List<String> all = List.copyOf(keys);
        for (int from = 0; from < all.size(); from += PAGE) {
            deletePage(all.subList(from, Math.min(all.size(), from + PAGE)));
        }
    }

    private void deletePage(List<String> keys) throws StoreUnavailableException {
        DeleteObjectsArgs args = DeleteObjectsArgs.builder()
                .bucket(config.bucket())
                .quiet(true)
                .objects(keys.stream().map(DeleteRequest.Object::new).toList())
                .build();
        DeleteResult result = calls.awaitPresent("delete", keys.getFirst(), () -> clients.calls.deleteObjects(args))
                .result();
        List<DeleteResult.Error> errors = result.errors().stream()
                .filter(error -> !"NoSuchKey".equals(error.code()))
                .toList();
        if (!errors.isEmpty()) {
            DeleteResult.Error first = errors.getFirst();
            throw failures.unavailable(
                    "delete",
                    String.valueOf(first.objectName()),
                    "it kept " + errors.size() + " of " + keys.size() + " objects (" + first.code() + ")",
                    null);
        }
    }

    @Override
    public String beginUpload(String key) throws StoreUnavailableException {
        CreateMultipartUploadArgs args = CreateMultipartUploadArgs.builder()
                .bucket(config.bucket())
                .object(key)
                .build();
        return calls.awaitPresent("begin an upload of", key, () -> clients.calls.createMultipartUpload(args))
                .result()
                .uploadId();
    }

    @Override
    public String copyPart(String key, String upload, int number, String source)
            throws NoSuchObjectException, StoreUnavailableException {
        // The builder of UploadPartCopyArgs always throws, and its constructor wants the arguments of a composition.
        ComposeObjectArgs target = ComposeObjectArgs.builder()
                .bucket(config.bucket())
                .object(key)
                .sources(List.of(SourceObject.builder()
                        .bucket(config.bucket())
                        .object(source)
                        .build()))
                .build();
        Http.Headers headers = new Http.Headers("x-amz-copy-source", "/" + config.bucket() + "/" + source);
        UploadPartCopyArgs args = new UploadPartCopyArgs(target, upload, number, headers);
        return calls.await("copy " + source + " into", key, () -> clients.calls.uploadPartCopy(args))
                .result()
                .etag();
    }

    @Override
    public void completeUpload(String key, String upload, List<String> etags)
            throws NoSuchObjectException, StoreUnavailableException {
        Part[] parts = new Part[etags.size()];
        Arrays.setAll(parts, i -> new Part(i + 1, etags.get(i)));
        CompleteMultipartUploadArgs args = CompleteMultipartUploadArgs.builder()
                .bucket(config.bucket())
                .object(key)
                .uploadId(upload)
                .parts(parts)
                .maxRetries(1)
                .build();
        calls.await("assemble", key, () -> clients.assemblies.completeMultipartUpload(args));
    }

    @Override
    public void abortUpload(String key, String upload) throws StoreUnavailableException {
        AbortMultipartUploadArgs args = AbortMultipartUploadArgs.builder()
                .bucket(config.bucket())
                .object(key)
                .uploadId(upload)
                .build();
        try {
            calls.await("abort the upload of", key, () -> clients.calls.abortMultipartUpload(args));
        } catch (NoSuchObjectException e) {
            // It does not exist any more, as the caller wants.
        }
    }

    @Override
    public URI presignGet(String key, Duration lifetime, Map<String, String> responseHeaders)
            throws StoreUnavailableException {
        GetPresignedObjectUrlArgs args = GetPresignedObjectUrlArgs.builder()
                .method(Http.Method.GET)
                .bucket(config.bucket())
                .object(key)
                .expiry(Math.toIntExact(lifetime.toSeconds()))
                .extraQueryParams(responseHeaders)
                .build();
        return URI.create(calls.awaitPresent(
                "sign a URL of",
                key,
                () -> CompletableFuture.completedFuture(clients.published.getPresignedObjectUrl(args))));
    }

    @Override
    public void close() {
        clients.close();
    }

    private Response range(Client client, String key, long offset, long length)
            throws NoSuchObjectException, StoreUnavailableException {
        GetObjectArgs args = GetObjectArgs.builder()
                .bucket(config.bucket())
                .object(key)
                .offset(offset)
                .length(length)
                .build();
        Response response = calls.await("read", key, () -> client.get(args));
        if (response.code() != PARTIAL_CONTENT) {
            response.close();
            throw failures.unavailable("read", key, "it does not answer with the range that was asked for", null);
        }
        return response;
    }

    private static void fill(BufferedSource source, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (source.read(into) < 0) {
                throw new EOFException(into.remaining() + " bytes are missing");
            }
        }
    }
}
