package io.shoal.storage.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.links.LinkToken;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The rules by which readers keep or lose their places, in simulated time, with 16 places: 4 for a tenant, 3 for a link. */
class OpenStreamsTest {
    private static final int KIB = 1_024;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // as a clock that is about to overflow
    private final StreamLimits limits = new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(StreamLimits.class)
            .withDefaultValues(Map.of("shoal.streams.places", "16", "shoal.streams.link-places", "3"))
            .build()
            .getConfigMapping(StreamLimits.class);
    private final OpenStreams streams = new OpenStreams(limits, new SimpleMeterRegistry(), now::get);
    private int links;

    private LinkToken link(UUID tenant) {
        Instant issued = Instant.ofEpochSecond(1_790_000_000);
        return new LinkToken(
                tenant,
                new TorrentId("abcdefghijklmnopqrstuvwx27"),
                new Generation(7),
                new FileIndex(links++),
                "name",
                issued,
                issued.plusSeconds(60),
                Set.of());
    }

    private List<OpenStream> open(UUID tenant, int count) throws NoPlaceException {
        List<OpenStream> opened = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            opened.add(streams.open(link(tenant)));
        }
        return opened;
    }

    /** Time passes, second by second; in each of them, reader i takes {@code rates[i]} bytes. */
    private void pass(int seconds, List<OpenStream> readers, int... rates) {
        for (int second = 0; second < seconds; second++) {
            now.addAndGet(Duration.ofSeconds(1).toNanos());
            for (int i = 0; i < rates.length; i++) {
                if (rates[i] > 0) {
                    readers.get(i).taken(rates[i]);
                }
            }
            if (second % limits.inspection().toSeconds() == 0) {
                streams.inspect();
            }
        }
    }

    @Test
    void aLinkATenantAndAReplicaHaveSoManyPlacesAndNoMore() throws Exception {
        UUID tenant = UUID.randomUUID();
        LinkToken link = link(tenant);
        List<OpenStream> opened = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            opened.add(streams.open(link));
        }
        assertThatExceptionOfType(NoPlaceException.class)
                .isThrownBy(() -> streams.open(link))
                .withMessageContaining("link");
        open(tenant, 1);
        assertThatExceptionOfType(NoPlaceException.class)
                .isThrownBy(() -> streams.open(link(tenant)))
                .withMessageContaining("tenant");
        for (int other = 0; other < 3; other++) {
            open(UUID.randomUUID(), 4);
        }
        assertThatExceptionOfType(NoPlaceException.class)
                .isThrownBy(() -> streams.open(link(UUID.randomUUID())))
                .withMessageContaining("replica");

        opened.getFirst().close();
        opened.getFirst().close();
        streams.open(link);
        assertThatExceptionOfType(NoPlaceException.class).isThrownBy(() -> streams.open(link));
    }

    @Test
    void aReaderThatTakesNothingLosesItsPlaceAfterTenMinutes() throws Exception {
        List<OpenStream> readers = open(UUID.randomUUID(), 2);

        pass(595, readers, 0, 1);
        assertThat(readers).allMatch(reader -> reader.ending() == null);
        pass(10, readers, 0, 1);
        assertThat(readers.getFirst().ending()).isEqualTo(OpenStream.Ending.IDLE);
        assertThat(readers.getLast().ending()).isNull();
    }

    @Test
    void theSlowestReadersLoseTheirPlacesWhileThoseOfTheirTenantAreScarce() throws Exception {
        List<OpenStream> readers = open(UUID.randomUUID(), 4);

        pass(55, readers, 9 * KIB, 5 * KIB, 100 * KIB, 17 * KIB);
        assertThat(readers).allMatch(reader -> reader.ending() == null);
        pass(10, readers, 9 * KIB, 5 * KIB, 100 * KIB, 17 * KIB);
        assertThat(readers.get(1).ending()).isEqualTo(OpenStream.Ending.SLOW);
        readers.get(1).close();
        pass(300, readers, 9 * KIB, 0, 100 * KIB, 17 * KIB);
        assertThat(readers.get(0).ending()).isNull();
        open(readers.getFirst().link().tenant(), 1);
        pass(10, readers, 9 * KIB, 0, 100 * KIB, 17 * KIB);
        assertThat(readers.get(0).ending()).isEqualTo(OpenStream.Ending.SLOW);
        assertThat(readers.get(2).ending()).isNull();
        assertThat(readers.get(3).ending()).isNull();
    }

    @Test
    void theSlowestReadersLoseTheirPlacesWhileThoseOfTheReplicaAreScarce() throws Exception {
        List<OpenStream> readers = new ArrayList<>();
        for (int tenant = 0; tenant < 6; tenant++) {
            readers.addAll(open(UUID.randomUUID(), 2));
        }
        int[] rates = new int[12];
        for (int i = 0; i < 12; i++) {
            rates[i] = (i + 1) * KIB;
        }
        pass(120, readers, rates);
        assertThat(readers).allMatch(reader -> reader.ending() == null);

        open(UUID.randomUUID(), 2);
        pass(10, readers, rates);
        assertThat(readers.stream().filter(reader -> reader.ending() != null))
                .containsExactly(readers.get(0), readers.get(1));
    }

    @Test
    void timeThatTheStoreTakesIsNotCountedAgainstTheReader() throws Exception {
        List<OpenStream> readers = open(UUID.randomUUID(), 4);

        readers.forEach(OpenStream::waitForStore);
        pass(700, readers);
        readers.forEach(OpenStream::waitForReader);
        pass(55, readers);

        assertThat(readers).allMatch(reader -> reader.ending() == null);
        pass(10, readers);
        assertThat(readers.stream().filter(reader -> reader.ending() == OpenStream.Ending.SLOW))
                .hasSize(1);
    }
}
