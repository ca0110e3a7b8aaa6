package io.shoal.bench.downloads;

import io.shoal.bench.programs.ProcessFigures;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.platform.Platform;
import io.shoal.local.platform.S3Choice;
import io.shoal.objectstore.MinioObjectStore;
import io.shoal.objectstore.StoreConfig;
import io.shoal.objectstore.StoreUnavailableException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** What is measured: a platform with one worker over a MinIO server of its own, and one tenant of it. */
final class Subject implements AutoCloseable {
    private static final Pattern STORE_REQUESTS = Pattern.compile("(?m)^shoal_s3_requests_total\\{[^}]*} ([0-9.E]+)");

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

    /** Starts it in {@code folder} at {@code address}; {@code minio} is the program. */
    static Subject start(Path folder, String address, Path minio) throws IOException, InterruptedException {
        Platform platform = Platform.start(
                Options.in(folder).bind(address).s3(new S3Choice.Minio(minio)).with("SHOAL_ORPHAN_GRACE", "1s"),
                System.err::println);
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

    /** Figures of the worker; of all of them, were they more. */
    List<ProcessFigures> workers() {
        return processes(Subject::isWorker);
    }

    /** Figures of what else is a process of the platform, PostgreSQL's many included, the store not. */
    List<ProcessFigures> aroundWorkers() {
        return processes(process -> !isWorker(process) && !process.name().equals("s3"));
    }

    private static boolean isWorker(Endpoints.Running process) {
        return process.name().startsWith("worker-");
    }

    private List<ProcessFigures> processes(Predicate<Endpoints.Running> which) {
        return platform.endpoints().processes().stream()
                .filter(which)
                .map(process -> ProcessHandle.of(process.pid()).orElseThrow())
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .map(process -> new ProcessFigures(process.pid()))
                .toList();
    }

    /** Requests to the object store so far, of all services. */
    double storeRequests() throws IOException, InterruptedException {
        double sum = 0;
        for (Endpoints.Running process : platform.endpoints().processes()) {
            if (process.management() != null) {
                HttpRequest metrics = HttpRequest.newBuilder(URI.create(process.management() + "/q/metrics"))
                        .build();
                String text = http.send(metrics, BodyHandlers.ofString()).body();
                sum += STORE_REQUESTS
                        .matcher(text)
                        .results()
                        .mapToDouble(line -> Double.parseDouble(line.group(1)))
                        .sum();
            }
        }
        return sum;
    }

    /** Records on Kafka so far. */
    long kafkaRecords() throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, platform.endpoints().kafka()))) {
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            Collection<TopicDescription> topics = admin.describeTopics(
                            admin.listTopics().names().get())
                    .allTopicNames()
                    .get()
                    .values();
            for (TopicDescription topic : topics) {
                topic.partitions()
                        .forEach(partition ->
                                ends.put(new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest()));
            }
            return admin.listOffsets(ends).all().get().values().stream()
                    .mapToLong(ListOffsetsResultInfo::offset)
                    .sum();
        } catch (ExecutionException e) {
            throw new IOException("Kafka does not say how many records it has", e.getCause());
        }
    }

    /** Returns when nothing of any torrent is stored. */
    void awaitEmptyStore(Duration limit) throws IOException, InterruptedException {
        Endpoints.S3 s3 = store();
        URI endpoint = URI.create(s3.endpoint());
        long deadline = System.nanoTime() + limit.toNanos();
        try (MinioObjectStore store = new MinioObjectStore(
                new StoreConfig(endpoint, endpoint, "us-east-1", s3.bucket(), s3.accessKey(), s3.secretKey()))) {
            AtomicInteger objects = new AtomicInteger(1);
            while (objects.getAndSet(0) > 0) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("what was removed is still stored");
                }
                TimeUnit.MILLISECONDS.sleep(200);
                store.list("torrents/", object -> objects.incrementAndGet());
            }
        } catch (StoreUnavailableException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        platform.close();
        http.close();
    }
}
