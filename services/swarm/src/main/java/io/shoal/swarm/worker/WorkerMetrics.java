package io.shoal.swarm.worker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.shoal.contracts.topics.Topic;
import io.shoal.engine.net.DatagramKind;
import io.shoal.swarm.worker.Worker.Parts;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The metrics of the worker. */
@Singleton
public class WorkerMetrics implements MeterBinder {
    private final Worker worker;

    WorkerMetrics(Worker worker) {
        this.worker = worker;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        count(
                registry,
                "shoal.swarm.down.bytes",
                "payload received",
                p -> p.slices().traffic().down());
        count(
                registry,
                "shoal.swarm.up.bytes",
                "payload sent",
                p -> p.slices().traffic().up());
        count(
                registry,
                "shoal.swarm.wasted.bytes",
                "payload received in vain",
                p -> p.slices().traffic().wasted());
        count(
                registry,
                "shoal.swarm.hash.failures",
                "pieces that failed",
                p -> p.slices().traffic().hashFailures());
        count(
                registry,
                "shoal.swarm.slices.failed",
                "torrents ended by a fault of this program",
                p -> p.slices().traffic().failures());
        count(
                registry,
                "shoal.swarm.store.puts",
                "objects written, attempts included",
                p -> p.counters().puts());
        count(
                registry,
                "shoal.swarm.store.put.bytes",
                "bytes acknowledged by the store",
                p -> p.counters().bytesPut());
        count(
                registry,
                "shoal.swarm.store.reads",
                "extents read from the store",
                p -> p.counters().reads());
        count(
                registry,
                "shoal.swarm.store.read.bytes",
                "bytes read from the store",
                p -> p.counters().bytesRead());
        count(
                registry,
                "shoal.swarm.store.failures",
                "calls without an answer",
                p -> p.counters().failures());
        count(
                registry,
                "shoal.swarm.segments.stored",
                "segments stored",
                p -> p.counters().segments());
        count(
                registry,
                "shoal.swarm.spills",
                "spills written",
                p -> p.counters().spills());
        count(
                registry,
                "shoal.swarm.cache.hits",
                "extents found in the cache",
                p -> p.extents().hits());
        count(
                registry,
                "shoal.swarm.cache.misses",
                "extents not found in the cache",
                p -> p.extents().misses());
        count(
                registry,
                "shoal.swarm.datagrams.sent",
                "datagrams sent from the ports of peers",
                p -> p.engine().datagrams().sent());
        count(
                registry,
                "shoal.swarm.datagrams.received",
                "datagrams received at the ports of peers",
                p -> p.engine().datagrams().received());
        count(
                registry,
                "shoal.swarm.datagrams.failed",
                "datagrams that could not be sent, or not received",
                p -> p.engine().datagrams().failed());
        for (DatagramKind kind : DatagramKind.values()) {
            FunctionCounter.builder(
                            "shoal.swarm.datagrams.dropped",
                            worker,
                            w -> read(w, p -> p.engine().datagrams().dropped().getOrDefault(kind, 0L)))
                    .description("datagrams received that were not expected")
                    .tag("kind", kind.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        count(
                registry,
                "shoal.swarm.encryption.incoming",
                "encrypted handshakes with peers that have connected by themselves",
                p -> p.engine().encryption().incoming());
        count(
                registry,
                "shoal.swarm.encryption.outgoing",
                "encrypted handshakes with peers that were dialled",
                p -> p.engine().encryption().outgoing());
        count(
                registry,
                "shoal.swarm.encryption.failed",
                "encrypted handshakes that were not completed",
                p -> p.engine().encryption().failed());
        count(
                registry,
                "shoal.swarm.encryption.rejected",
                "encrypted handshakes that were ended because too many key exchanges were waiting",
                p -> p.engine().encryption().rejected());
        count(
                registry,
                "shoal.swarm.webseeds.bytes",
                "payload received from web seeds",
                p -> p.engine().webSeeds().received());
        count(
                registry,
                "shoal.swarm.webseeds.failed",
                "web seeds that failed, and were left alone for a while",
                p -> p.engine().webSeeds().failed());
        count(
                registry,
                "shoal.swarm.webseeds.excluded",
                "web seeds that were found to be of no use",
                p -> p.engine().webSeeds().excluded());
        count(
                registry,
                "shoal.swarm.tasks.failed",
                "tasks of slices and of calls to the store that failed by a fault of this program",
                p -> p.sliceThread().failures());
        for (Topic topic : List.of(Topic.STATUS, Topic.PROGRESS)) {
            FunctionCounter.builder(
                            "shoal.swarm.records.sent",
                            worker,
                            w -> read(w, p -> p.ownership().sent(topic)))
                    .description("records sent to Kafka")
                    .tag("topic", topic.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        gauge(
                registry,
                "shoal.swarm.cache.bytes",
                "bytes in the cache",
                p -> p.extents().bytes());
        gauge(
                registry,
                "shoal.swarm.slots",
                "slots of the scratch file",
                p -> p.slots().count());
        gauge(
                registry,
                "shoal.swarm.slots.free",
                "slots that are free",
                p -> p.slots().free());
        gauge(
                registry,
                "shoal.swarm.slots.waiting",
                "torrents that wait for slots",
                p -> p.slots().waiting());
        count(
                registry,
                "shoal.swarm.slots.drains",
                "slots asked back for waiting torrents",
                p -> p.slots().drains());
        gauge(
                registry,
                "shoal.swarm.partitions",
                "partitions of slices that are owned",
                p -> p.ownership().partitions());
        gauge(
                registry,
                "shoal.swarm.slices",
                "slices that are owned",
                p -> p.ownership().owned());
    }

    private void count(MeterRegistry registry, String name, String what, ToDoubleFunction<Parts> figure) {
        FunctionCounter.builder(name, worker, w -> read(w, figure))
                .description(what)
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String what, ToDoubleFunction<Parts> figure) {
        Gauge.builder(name, worker, w -> read(w, figure)).description(what).register(registry);
    }

    private static double read(Worker worker, ToDoubleFunction<Parts> figure) {
        Parts parts = worker.parts();
        return parts == null ? 0 : figure.applyAsDouble(parts);
    }
}
