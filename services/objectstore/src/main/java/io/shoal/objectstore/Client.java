package io.shoal.objectstore;

import io.minio.Checksum;
import io.minio.GetObjectArgs;
import io.minio.Http;
import io.minio.MinioAsyncClient;
import io.minio.PutObjectAPIArgs;
import io.minio.credentials.Provider;
import io.minio.errors.MinioException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * The SDK's client with two more calls: a GET whose answer is the response itself, because the stream that the SDK hands out fills
 * byte arrays only and readers have direct buffers; and a PUT without a checksum.
 */
final class Client extends MinioAsyncClient {
    private Client(MinioAsyncClient client) {
        super(client);
    }

    static Client of(URI endpoint, String region, Provider credentials, OkHttpClient http) {
        return new Client(MinioAsyncClient.builder()
                .endpoint(endpoint.toString())
                .region(region)
                .credentialsProvider(credentials)
                .httpClient(http)
                .build());
    }

    /** Returns the answer to a GET; the caller closes it. */
    CompletableFuture<Response> get(GetObjectArgs args) {
        return executeGetAsync(args, args.makeHeaders(), null);
    }

    /** Stores {@code body} without a checksum: the SDK's own way always adds one. */
    CompletableFuture<Void> putWithoutChecksum(PutObjectAPIArgs args) {
        try {
            Http.Body body = new Http.Body(args.buffer(), args.contentType(), Checksum.UNSIGNED_PAYLOAD, null);
            return executePutAsync(args, args.headers(), null, body).thenAccept(Response::close);
        } catch (MinioException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
