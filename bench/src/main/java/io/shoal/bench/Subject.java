package io.shoal.bench;

import io.shoal.local.client.ShoalClient;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.platform.Platform;
import io.shoal.local.platform.S3Choice;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is measured: a platform with one worker over a MinIO server of its own, and one tenant of it. */
final class Subject implements AutoCloseable {
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final Platform platform;
    private final ShoalClient client;

    private Subject(Platform platform, ShoalClient client) {
        this.platform = platform;
        this.client = client;
    }

    /** Starts it in {@code folder}; {@code minio} is the program. */
    static Subject start(Path folder, Path minio) throws IOException, InterruptedException {
        Platform platform = Platform.start(Options.in(folder).s3(new S3Choice.Minio(minio)), System.err::println);
        try {
            Endpoints endpoints = platform.endpoints();
            ShoalClient.Tenant tenant = new ShoalClient(endpoints.api(), endpoints.operatorKey()).createTenant("bench");
            return new Subject(platform, new ShoalClient(endpoints.api(), tenant.key()));
        } catch (IOException | InterruptedException e) {
            platform.close();
            throw e;
        }
    }

    /** Submits a .torrent and returns the transfer's id. */
    String submit(byte[] torrent) throws IOException, InterruptedException {
        return client.submit(torrent).id();
    }

    /** Returns when the first byte of the transfer's only file can be read through a link and its object is assembled. */
    void awaitAssembled(String transfer, Duration limit) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        @Nullable URI link = null;
        while (System.nanoTime() < deadline) {
            if (client.transfer(transfer).complete()) {
                link = link == null ? client.link(transfer, 0) : link;
                if (firstByteIsRedirected(link)) {
                    return;
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new IOException("transfer " + transfer + " is not served in time");
    }

    private boolean firstByteIsRedirected(URI link) throws IOException, InterruptedException {
        HttpResponse<byte[]> first = http.send(
                HttpRequest.newBuilder(link).header("Range", "bytes=0-0").build(), BodyHandlers.ofByteArray());
        return first.statusCode() == 206 && first.previousResponse().isPresent();
    }

    /** Removes the transfer and with it what is stored. */
    void remove(String transfer) throws IOException, InterruptedException {
        client.remove(transfer);
    }

    /** The object store. */
    Endpoints.S3 store() {
        return platform.endpoints().s3();
    }

    /** Figures of the object store's process. */
    ProcessFigures storeFigures() {
        return new ProcessFigures(platform.child("s3").pid());
    }

    /** Figures of the processes whose names begin with {@code prefix}. */
    List<ProcessFigures> processes(String prefix) {
        return platform.endpoints().processes().stream()
                .filter(process -> process.name().startsWith(prefix))
                .map(process -> new ProcessFigures(process.pid()))
                .toList();
    }

    @Override
    public void close() {
        platform.close();
        http.close();
    }
}
