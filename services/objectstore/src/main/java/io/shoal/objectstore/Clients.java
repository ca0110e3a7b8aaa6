package io.shoal.objectstore;

import io.minio.credentials.Provider;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/**
 * The clients of the store, by how long an answer may take. They share one pool of connections and its bound of requests in flight;
 * every request has a bounded silence.
 */
final class Clients implements AutoCloseable {
    /** Requests in flight: more are not faster, and the server's own limit is near. */
    private static final int IN_FLIGHT = 64;

    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("s3-", 0).factory());
    private final OkHttpClient http;

    /** For calls that move at most a segment. */
    final Client calls;
    /** For bodies that are read as slowly as their reader likes. */
    final Client streams;
    /** For completing uploads. */
    final Client assemblies;
    /** Signs the URLs that readers outside use; sends nothing itself. */
    final Client published;

    /** Connects on first use. */
    Clients(StoreConfig config, Timeouts timeouts, S3Requests requests) {
        Dispatcher dispatcher = new Dispatcher(threads);
        dispatcher.setMaxRequests(IN_FLIGHT);
        dispatcher.setMaxRequestsPerHost(IN_FLIGHT);
        OkHttpClient.Builder builder = new OkHttpClient.Builder();
        config.caBundle().ifPresent(bundle -> CaBundle.trust(bundle, builder));
        http = builder.dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(IN_FLIGHT, 1, TimeUnit.MINUTES))
                .protocols(List.of(Protocol.HTTP_1_1))
                .followRedirects(false)
                .connectTimeout(timeouts.connect())
                .readTimeout(timeouts.silence())
                .writeTimeout(timeouts.silence())
                .callTimeout(timeouts.call())
                .addNetworkInterceptor(requests::count)
                .build();
        URI endpoint = config.endpoint();
        String region = config.region();
        Provider credentials = config.credentials().provider(http);
        calls = Client.of(endpoint, region, credentials, http);
        streams = Client.of(
                endpoint,
                region,
                credentials,
                http.newBuilder().callTimeout(Duration.ZERO).build());
        assemblies = Client.of(
                endpoint,
                region,
                credentials,
                http.newBuilder()
                        .readTimeout(timeouts.assembly())
                        .callTimeout(timeouts.assembly())
                        .build());
        published = Client.of(config.publicEndpoint(), region, credentials, http);
    }

    @Override
    public void close() {
        http.dispatcher().cancelAll();
        threads.shutdown();
        http.connectionPool().evictAll();
    }
}
