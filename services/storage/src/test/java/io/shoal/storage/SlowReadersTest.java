package io.shoal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.quarkus.test.common.http.TestHTTPResource;
import io.vertx.core.buffer.impl.VertxByteBufAllocator;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Readers that take their bytes late or never, and a store that fails while they read. */
@PlatformTest
class SlowReadersTest {
    private static final int LENGTH = 13 << 20;
    private static final int PLACES = 80;
    private static final int TENANT_PLACES = PLACES / 4;
    private static final int LINK_PLACES = 5;

    @SuppressWarnings("NullAway.Init") // Quarkus sets it
    @TestHTTPResource("/content/")
    URI base;

    @Inject
    TestServers servers;

    @Inject
    FaultyStore faults;

    @Inject
    MeterRegistry metrics;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<SlowReader> readers = new ArrayList<>();

    @AfterEach
    void leave() throws IOException {
        faults.heal();
        for (SlowReader reader : readers) {
            reader.close();
        }
        awaitOpen(0);
    }

    @Test
    void readersOfOneLinkThatStopReadingHarmNoOther() throws Exception {
        Sample sample = downloaded();
        URI link = link(UUID.randomUUID(), sample);

        for (int i = 0; i < 300; i++) {
            stall(link);
        }

        List<SlowReader> served =
                readers.stream().filter(reader -> reader.status() == 200).toList();
        List<SlowReader> refused =
                readers.stream().filter(reader -> reader.status() == 503).toList();
        assertThat(served).hasSize(LINK_PLACES);
        assertThat(refused).hasSize(300 - LINK_PLACES).allMatch(reader -> reader.hasHeader("retry-after"));
        assertThat(get(link(UUID.randomUUID(), sample)).body()).isEqualTo(sample.content(1));
        HttpResponse<byte[]> busy = get(link);
        assertThat(busy.statusCode()).isEqualTo(503);
        assertThat(new String(busy.body(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("\"busy\"");
    }

    @Test
    void aTenantHasAQuarterOfThePlacesAndItsSlowestReadersAreDisconnectedWhenThoseAreScarce() throws Exception {
        Sample sample = downloaded();
        UUID tenant = UUID.randomUUID();
        List<URI> links = links(tenant, sample, TENANT_PLACES);

        links.forEach(this::stall);
        assertThat(readers).allMatch(reader -> reader.status() == 200);
        assertThat(get(link(tenant, sample)).statusCode()).isEqualTo(503);
        assertThat(get(link(UUID.randomUUID(), sample)).statusCode()).isEqualTo(200);

        await().untilAsserted(() -> assertThat(get(link(tenant, sample)).body()).isEqualTo(sample.content(1)));
        awaitOpen(TENANT_PLACES * 3 / 4);
        long cut = readers.stream().filter(reader -> !takesAll(reader)).count();
        assertThat(cut).isEqualTo(TENANT_PLACES / 4);
    }

    private static boolean takesAll(SlowReader reader) {
        try {
            reader.read(LENGTH);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void stalledReadersHoldLittleMemoryAndNoConnectionToTheStore() throws Exception {
        Sample sample = downloaded();
        List<URI> links = IntStream.range(0, 4)
                .mapToObj(tenant -> links(UUID.randomUUID(), sample, TENANT_PLACES * 3 / 4))
                .flatMap(List::stream)
                .toList();
        get(links.getFirst());
        long heap = heap();
        long buffered = buffered();

        links.forEach(this::stall);
        assertThat(readers).hasSize(60).allMatch(reader -> reader.status() == 200);
        await().until(() -> faults.openStreams() == 0);

        assertThat(buffered() - buffered).isLessThan(60L * (128 << 10));
        assertThat(heap() - heap).isLessThan(60L * (128 << 10));
        assertThat(metrics.get("shoal.content.open").gauge().value()).isEqualTo(60);
    }

    /** Bytes reachable on the heap. */
    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Bytes in the buffers of all connections. */
    private static long buffered() {
        return Stream.of(PooledByteBufAllocator.DEFAULT, VertxByteBufAllocator.POOLED_ALLOCATOR)
                .map(PooledByteBufAllocator.class::cast)
                .flatMap(allocator -> allocator.metric().directArenas().stream())
                .mapToLong(PoolArenaMetric::numActiveBytes)
                .sum();
    }

    @Test
    void aReaderThatPausesAndGoesOnGetsExactBytes() throws Exception {
        Sample sample = downloaded();
        SlowReader reader = stall(link(UUID.randomUUID(), sample));

        byte[] start = reader.read(1 << 20);
        await().until(() -> faults.openStreams() == 0);
        byte[] middle = reader.read(4 << 20);
        await().until(() -> faults.openStreams() == 0);
        byte[] rest = reader.read(LENGTH - (5 << 20));

        byte[] content = sample.content(1);
        assertThat(start).isEqualTo(Arrays.copyOf(content, 1 << 20));
        assertThat(middle).isEqualTo(Arrays.copyOfRange(content, 1 << 20, 5 << 20));
        assertThat(rest).isEqualTo(Arrays.copyOfRange(content, 5 << 20, LENGTH));
    }

    @Test
    void aReaderThatTakesNothingForTooLongIsDisconnected() throws Exception {
        Sample sample = downloaded();
        SlowReader reader = stall(link(UUID.randomUUID(), sample));
        assertThat(reader.status()).isEqualTo(200);

        awaitOpen(0);

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> reader.read(LENGTH));
    }

    @Test
    void readersThatGoAwayLeaveTheirPlacesToOthers() throws Exception {
        Sample sample = downloaded();
        URI link = link(UUID.randomUUID(), sample);

        for (int i = 0; i < 100; i++) {
            new SlowReader(link).close();
        }

        await().untilAsserted(() -> assertThat(get(link).body()).isEqualTo(sample.content(1)));
    }

    @Test
    void aStoreThatFailsInTheMiddleIsAskedForTheRest() throws Exception {
        Sample sample = downloaded();
        faults.breakStreamsAfter(3 << 20);

        assertThat(get(link(UUID.randomUUID(), sample)).body()).isEqualTo(sample.content(1));
    }

    @Test
    void aStreamThatBreaksForGoodIsNotTakenForTheWhole() throws Exception {
        Sample sample = downloaded();
        faults.goDownAfter(3 << 20);

        SlowReader reader = stall(link(UUID.randomUUID(), sample));

        assertThat(reader.status()).isEqualTo(200);
        assertThat(reader.read(3 << 20)).isEqualTo(Arrays.copyOf(sample.content(1), 3 << 20));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> reader.read(LENGTH - (3 << 20)));
        faults.heal();
        assertThat(get(link(UUID.randomUUID(), sample)).body()).isEqualTo(sample.content(1));
    }

    private Sample downloaded() throws Exception {
        Sample sample = Sample.of(100, LENGTH);
        servers.plan(sample, 1);
        servers.download(sample);
        await().until(() -> get(link(UUID.randomUUID(), sample)).statusCode() == 200);
        awaitOpen(0);
        return sample;
    }

    private void awaitOpen(int streams) {
        await().until(() -> metrics.get("shoal.content.open").gauge().value() == streams);
    }

    private SlowReader stall(URI link) {
        try {
            SlowReader reader = new SlowReader(link);
            readers.add(reader);
            return reader;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Links for that many readers, as few as their shares allow. */
    private List<URI> links(UUID tenant, Sample sample, int readers) {
        List<URI> links = new ArrayList<>();
        while (links.size() < readers) {
            URI link = link(tenant, sample);
            links.addAll(java.util.Collections.nCopies(Math.min(LINK_PLACES, readers - links.size()), link));
        }
        return links;
    }

    /** Each link of a tenant has another name, so that no two are one. */
    private URI link(UUID tenant, Sample sample) {
        String name = "file " + UUID.randomUUID();
        return base.resolve(servers.token(tenant, sample, 1, name, Instant.now().plusSeconds(600)) + "/name");
    }

    private HttpResponse<byte[]> get(URI link) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(link).build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
