package io.shoal.local.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceLayoutTest {
    @TempDir
    private Path folder;

    /** An Error otherwise ends a thread of a service that stays up, ready and useless. */
    @Test
    void everyServiceEndsWhenItRunsOutOfMemory() throws Exception {
        ServiceLayout layout = new ServiceLayout(Options.in(folder).workers(2).trackers(2));
        List<ServiceProcess> services = Stream.concat(layout.services().stream(), layout.workers().stream())
                .toList();
        assertThat(services)
                .extracting(ServiceProcess::name)
                .containsExactlyInAnyOrder("intake", "storage", "tracker", "tracker-1", "worker-0", "worker-1");
        assertThat(services)
                .allSatisfy(service -> assertThat(service.command().command())
                        .as(service.name())
                        .contains("-XX:+ExitOnOutOfMemoryError"));
    }

    /** A proxy that lets a public port through must not lead to health and metrics. */
    @Test
    void healthAndMetricsHavePortsOfTheirOwn() throws Exception {
        ServiceLayout layout = new ServiceLayout(Options.in(folder).workers(2).trackers(2));
        List<ServiceProcess> services = Stream.concat(layout.services().stream(), layout.workers().stream())
                .toList();
        assertThat(services)
                .allSatisfy(service -> assertThat(service.environment())
                        .containsEntry(
                                "QUARKUS_MANAGEMENT_PORT",
                                Integer.toString(service.management().getPort())));
        assertThat(services.stream()
                        .flatMap(service -> Stream.of("QUARKUS_MANAGEMENT_PORT", "QUARKUS_HTTP_PORT")
                                .map(service.environment()::get)
                                .filter(Objects::nonNull)))
                .hasSize(8)
                .doesNotHaveDuplicates();
    }

    @Test
    void aWorkerHandsOverWithinTheGraceOfItsWave() throws Exception {
        assertThat(new ServiceLayout(Options.in(folder)).workers())
                .singleElement()
                .satisfies(worker -> assertThat(worker.environment()).containsEntry("SHOAL_HAND_OVER", "8s"));
    }

    @Test
    void anAddressThatIsNotOneOfThisMachineIsNamed() {
        assertThatThrownBy(() -> new ServiceLayout(Options.in(folder).bind("192.0.2.1")))
                .hasMessage("192.0.2.1 is no address of this machine");
        assertThatThrownBy(() -> new ServiceLayout(Options.in(folder).bind("1.2.3.4.5")))
                .hasMessage("--bind needs an address of this machine, not 1.2.3.4.5");
    }

    /** An indexer or a tracker may run beside the platform. */
    @Test
    void whatRunsOnThisMachineCanBeReachedByUrlAndAsATracker() throws Exception {
        ServiceLayout layout = new ServiceLayout(Options.in(folder));
        assertThat(Stream.concat(layout.services().stream(), layout.workers().stream()))
                .filteredOn(service -> List.of("intake", "worker-0").contains(service.name()))
                .hasSize(2)
                .allSatisfy(service ->
                        assertThat(service.environment()).containsEntry("SHOAL_EGRESS_ALLOW", "127.0.0.0/8"));
    }
}
