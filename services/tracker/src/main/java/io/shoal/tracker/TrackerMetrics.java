package io.shoal.tracker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.replication.ReplicationTraffic.Figure;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.SwarmTotals;
import io.shoal.tracker.waiting.WaitingPlaces.Outcome;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** The tracker's numbers for Prometheus. */
@ApplicationScoped
final class TrackerMetrics implements MeterBinder {
    private final TrackerService tracker;

    TrackerMetrics(TrackerService tracker) {
        this.tracker = tracker;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(
                registry,
                "shoal.tracker.torrents.registered",
                "Info-hashes that are registered or listed",
                t -> t.torrents().size());
        gauge(
                registry,
                "shoal.tracker.passkeys",
                "Passkeys that open something",
                t -> t.passkeys().size());
        gauge(
                registry,
                "shoal.tracker.members.swarms",
                "Private swarms with peers",
                t -> t.members().swarms());
        gauge(
                registry,
                "shoal.tracker.members.peers",
                "Peers of private torrents that are remembered",
                t -> t.members().peers());
        gauge(
                registry,
                "shoal.tracker.accounting.waiting",
                "Sessions whose accounting waits to be published",
                t -> t.ledger().size());
        gauge(
                registry,
                "shoal.tracker.swarms",
                "Swarms with peers, by family",
                t -> t.totals().swarms());
        gauge(registry, "shoal.tracker.http.connections", "Open connections", TrackerService::connections);
        peers(registry, "seed", "v4", totals -> totals.seeds().v4());
        peers(registry, "seed", "v6", totals -> totals.seeds().v6());
        peers(registry, "leech", "v4", totals -> totals.leeches().v4());
        peers(registry, "leech", "v6", totals -> totals.leeches().v6());
        peers(registry, "paused", "v4", totals -> totals.paused().v4());
        peers(registry, "paused", "v6", totals -> totals.paused().v6());
        for (Figure figure : Figure.values()) {
            String name = figure.name().toLowerCase(Locale.ROOT).replace('_', '.');
            FunctionCounter.builder("shoal.tracker.replication." + name, tracker.sharing(), t -> t.of(figure))
                    .description(figure.meaning())
                    .register(registry);
        }
        Timer lag = Timer.builder("shoal.tracker.replication.lag")
                .description("How old the oldest change of a frame was when it came")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(10))
                .maximumExpectedValue(Duration.ofSeconds(60))
                .register(registry);
        tracker.sharing().onLag(millis -> lag.record(Math.max(0, millis), TimeUnit.MILLISECONDS));
        count(
                registry,
                "shoal.tracker.peers.not.remembered",
                "Announces answered without being remembered, for lack of room",
                TrackerService::notRemembered);
        count(
                registry,
                "shoal.tracker.members.not.remembered",
                "Announces to private torrents answered without being remembered, for lack of room",
                t -> t.members().notRemembered());
        count(
                registry,
                "shoal.tracker.accounting.given.up",
                "Totals of sessions given up before they were published, for lack of room",
                t -> t.ledger().givenUp());
        count(
                registry,
                "shoal.tracker.passkeys.unknown",
                "Requests with an unknown passkey",
                t -> t.http().unknownPasskeys() + t.udp().unknownPasskeys());
        gauge(
                registry,
                "shoal.tracker.announces.waiting",
                "Announces that wait for the registration of their torrent or passkey",
                t -> t.waiting().size());
        for (Outcome outcome : Outcome.values()) {
            FunctionCounter.builder(
                            "shoal.tracker.announces.waited",
                            tracker,
                            t -> t.waiting().ended(outcome))
                    .description("Announces that waited for a registration, by how that ended")
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        count(
                registry,
                "shoal.tracker.announces.waiting.refused",
                "Announces refused at once because too many wait",
                t -> t.waiting().withoutRoom());
        count(
                registry,
                "shoal.tracker.rate.refused",
                "Requests refused because their address asks too much",
                t -> t.limit().refused());
        count(
                registry,
                "shoal.tracker.rate.forgotten",
                "Addresses whose requests are no longer counted, for lack of room",
                t -> t.limit().givenUp());
        traffic(registry, "http", tracker.http());
        traffic(registry, "udp", tracker.udp());
    }

    private void gauge(MeterRegistry registry, String name, String description, ToIntFunction<TrackerService> value) {
        Gauge.builder(name, tracker, value::applyAsInt).description(description).register(registry);
    }

    private void count(
            MeterRegistry registry, String name, String description, ToDoubleFunction<TrackerService> value) {
        FunctionCounter.builder(name, tracker, value).description(description).register(registry);
    }

    private void peers(MeterRegistry registry, String state, String family, ToIntFunction<SwarmTotals> value) {
        Gauge.builder("shoal.tracker.peers", tracker, t -> value.applyAsInt(t.totals()))
                .description("Peers that are remembered")
                .tag("state", state)
                .tag("family", family)
                .register(registry);
    }

    private static void traffic(MeterRegistry registry, String protocol, Traffic traffic) {
        for (Event event : Event.values()) {
            FunctionCounter.builder("shoal.tracker.announces", traffic, t -> t.announces(event))
                    .description("Announces answered with peers")
                    .tag("protocol", protocol)
                    .tag("event", event.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        count(registry, protocol, traffic, "scrapes", "Scrapes answered", Traffic::scrapes);
        count(registry, protocol, traffic, "refused", "Requests refused by a rule", Traffic::refusals);
        count(registry, protocol, traffic, "malformed", "Requests not understood", Traffic::malformations);
        count(registry, protocol, traffic, "dropped", "Packets and connections dropped unanswered", Traffic::drops);
    }

    private static void count(
            MeterRegistry registry,
            String protocol,
            Traffic traffic,
            String name,
            String description,
            ToLongFunction<Traffic> value) {
        FunctionCounter.builder("shoal.tracker." + name, traffic, value::applyAsLong)
                .description(description)
                .tag("protocol", protocol)
                .register(registry);
    }
}
