package io.shoal.objectstore;

import io.minio.GetObjectArgs;
import io.minio.MinioAsyncClient;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * The SDK's client, with one door more: a GET whose answer is the response itself, because the stream that the SDK hands out
 * can fill byte arrays only, and our readers have direct buffers.
 */
final class Client extends MinioAsyncClient {
    private Client(MinioAsyncClient client) {
        super(client);
    }

    static Client of(URI endpoint, StoreConfig config, OkHttpClient http) {
        return new Client(MinioAsyncClient.builder()
                .endpoint(endpoint.toString())
                .region(config.region())
                .credentials(config.accessKey(), config.secretKey())
                .httpClient(http)
                .build());
    }

    /** The answer to a GET; whoever takes it closes it. */
    CompletableFuture<Response> get(GetObjectArgs args) {
        return executeGetAsync(args, args.makeHeaders(), null);
    }
}
