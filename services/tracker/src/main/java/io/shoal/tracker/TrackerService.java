package io.shoal.tracker;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.tracker.accounting.Ledger;
import io.shoal.tracker.admission.Admission;
import io.shoal.tracker.admission.Passkeys;
import io.shoal.tracker.admission.Torrents;
import io.shoal.tracker.announce.Rules;
import io.shoal.tracker.announce.Tracker;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.http.HttpEdge;
import io.shoal.tracker.http.Limits;
import io.shoal.tracker.http.StatsPage;
import io.shoal.tracker.limits.RateLimit;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.networks.Networks;
import io.shoal.tracker.records.AccountingSender;
import io.shoal.tracker.records.StateFeed;
import io.shoal.tracker.replication.Replication;
import io.shoal.tracker.replication.ReplicationTraffic;
import io.shoal.tracker.swarms.SwarmLimits;
import io.shoal.tracker.swarms.SwarmTotals;
import io.shoal.tracker.swarms.Swarms;
import io.shoal.tracker.time.SteadyClock;
import io.shoal.tracker.udp.ConnectionIds;
import io.shoal.tracker.udp.UdpEdge;
import io.shoal.tracker.waiting.WaitingLimits;
import io.shoal.tracker.waiting.WaitingPlaces;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Assembles, starts and stops the tracker. Its ports open when the registered torrents are known: a client that is
 * refused as `unregistered` goes away, one whose connection is refused comes back.
 */
@ApplicationScoped
public class TrackerService {
    private static final Logger LOG = Logger.getLogger(TrackerService.class);
    private static final int STOPPED_MEMORY_MILLIS = (int) Duration.ofMinutes(5).toMillis();
    private static final Duration SLOWEST_SWEEP = Duration.ofSeconds(30);
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final TrackerConfig config;
    private final Swarms swarms;
    private final SteadyClock clock = new SteadyClock(System::currentTimeMillis, System::nanoTime);
    private final WaitingPlaces waiting;
    private final Torrents torrents;
    private final Passkeys passkeys;
    private final Ledger ledger;
    private final Members members;
    private final RateLimit limit;
    private final Tracker tracker;
    private final Traffic http = new Traffic();
    private final Traffic udp = new Traffic();
    private final int lifetimeMillis;
    private final int threads;
    private final EventLoopGroup loops;
    private final ScheduledExecutorService housekeeping =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("housekeeping", true));
    private final List<HttpEdge> httpEdges = new CopyOnWriteArrayList<>();
    private final List<UdpEdge> udpEdges = new CopyOnWriteArrayList<>();
    private final ReplicationTraffic sharingTraffic = new ReplicationTraffic();
    /** What must still be known, the end of {@link #start} included, before the ports open. */
    private final AtomicInteger unknown = new AtomicInteger(1);

    private final StateFeed feed;
    private final AccountingSender accounting;
    private final @Nullable Replication sharing;
    private boolean stopping; // guarded by this
    private volatile boolean ready;

    TrackerService(
            TrackerConfig config,
            KafkaClientConfig kafka,
            @ConfigProperty(name = "shoal.partitions") int partitions,
            @ConfigProperty(name = "shoal.replication") short replication) {
        this.config = config;
        SecureRandom random = new SecureRandom();
        lifetimeMillis = Math.toIntExact(config.peerLifetime()
                .orElse(config.interval().multipliedBy(3).dividedBy(2).plusSeconds(30))
                .toMillis());
        SwarmLimits swarmLimits = new SwarmLimits(lifetimeMillis, STOPPED_MEMORY_MILLIS, config.peers());
        SwarmLimits memberLimits = new SwarmLimits(lifetimeMillis, STOPPED_MEMORY_MILLIS, config.members());
        ledger = new Ledger(config.members());
        if (config.replica().isPresent()) {
            int replica = config.replica().getAsInt();
            swarms = new Swarms(swarmLimits, random.nextLong(), replica);
            members = new Members(memberLimits, ledger, ThreadLocalRandom::current, replica);
        } else {
            swarms = new Swarms(swarmLimits, random.nextLong());
            members = new Members(memberLimits, ledger, ThreadLocalRandom::current);
        }
        waiting = new WaitingPlaces(WaitingLimits.usual(config.registrationWait()), clock);
        torrents = new Torrents(waiting::torrentChanged);
        passkeys = new Passkeys(config.locations(), waiting::passkeyChanged);
        limit = new RateLimit(config.rate(), config.burst(), random.nextLong());
        Admission admission = new Admission(torrents, passkeys, config.open());
        tracker = new Tracker(
                swarms, members, admission, waiting, limit, rules(config), clock, ThreadLocalRandom::current);
        threads = config.threads() > 0 ? config.threads() : Runtime.getRuntime().availableProcessors();
        loops = new EpollEventLoopGroup(threads, new DefaultThreadFactory("announces"));
        feed = new StateFeed(kafka, partitions, replication, torrents, passkeys, awaited(!config.open()), this::fail);
        accounting = new AccountingSender(kafka, ledger, feed::areTopicsEnsured, this::fail);
        sharing = config.replica().isPresent()
                ? new Replication(
                        kafka,
                        partitions,
                        replication,
                        swarms,
                        members,
                        config.replica().getAsInt(),
                        lifetimeMillis,
                        clock,
                        sharingTraffic,
                        awaited(true),
                        this::fail)
                : null;
    }

    private static Rules rules(TrackerConfig config) {
        int interval = Math.toIntExact(config.interval().toSeconds());
        int minInterval = config.minInterval()
                .map(least -> Math.toIntExact(least.toSeconds()))
                .orElse(Math.max(1, interval / 2));
        return new Rules(
                interval,
                minInterval,
                Networks.of(config.trusted().orElse(List.of())),
                Networks.of(config.httpProxies().orElse(List.of())),
                config.privateSources());
    }

    void start(@Observes StartupEvent event) {
        var _ = housekeeping.scheduleWithFixedDelay(guarded(clock::slew), 1, 1, TimeUnit.SECONDS);
        long sweep = Math.clamp(lifetimeMillis / 10, 500, SLOWEST_SWEEP.toMillis());
        var _ = housekeeping.scheduleWithFixedDelay(guarded(this::expire), sweep, sweep, TimeUnit.MILLISECONDS);
        accounting.start();
        feed.start();
        if (sharing != null) {
            sharing.start();
        }
        known();
    }

    /**
     * A task that runs when something is known.
     *
     * @param first whether the ports stay closed until then: an open tracker serves before it has read its lists
     */
    private Runnable awaited(boolean first) {
        if (!first) {
            return () -> {};
        }
        unknown.incrementAndGet();
        return this::known;
    }

    /** Something that was awaited is known. */
    synchronized void known() {
        if (unknown.decrementAndGet() == 0 && !stopping) {
            listen();
        }
    }

    private void expire() {
        swarms.expire(clock.getAsLong());
        members.expire(clock.getAsLong());
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                // Thrown on, it would silently end all further runs.
                LOG.error("housekeeping failed", e);
            }
        };
    }

    private void listen() {
        ConnectionIds ids = new ConnectionIds(connectionKeys());
        StatsPage statsPage = new StatsPage(swarms, members, http, udp, sharingTraffic);
        Limits limits = new Limits(
                config.headTimeout(),
                config.idleTimeout(),
                config.connections(),
                Networks.of(config.proxies().orElse(List.of())));
        try {
            for (String bind : config.bind()) {
                InetSocketAddress httpAddress = new InetSocketAddress(bind, config.httpPort());
                InetSocketAddress udpAddress = new InetSocketAddress(bind, config.udpPort());
                httpEdges.add(HttpEdge.listen(loops, httpAddress, tracker, http, statsPage, limits));
                udpEdges.add(UdpEdge.listen(threads, udpAddress, tracker, udp, ids, clock));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LOG.infof("announces at %s, HTTP port %d, UDP port %d", config.bind(), httpPort(), udpPort());
        ready = true;
    }

    private List<byte[]> connectionKeys() {
        List<byte[]> keys = new ArrayList<>();
        config.connectionKeys()
                .orElse(List.of())
                .forEach(key -> keys.add(Base64.getDecoder().decode(key)));
        if (keys.isEmpty()) {
            byte[] key = new byte[ConnectionIds.KEY_BYTES];
            new SecureRandom().nextBytes(key);
            keys.add(key);
        }
        return keys;
    }

    /** Ports that are not open yet stay closed. */
    private synchronized void endListening() {
        stopping = true;
        ready = false;
    }

    private void fail(Throwable cause) {
        LOG.error("the tracker cannot run", cause);
        Quarkus.asyncExit(1);
    }

    void stop(@Observes ShutdownEvent event) {
        endListening();
        feed.close();
        // Announces that wait are refused now, while their edges still send.
        waiting.close();
        housekeeping.shutdownNow();
        httpEdges.forEach(HttpEdge::close);
        udpEdges.forEach(UdpEdge::close);
        loops.shutdownGracefully(0, DRAIN.toMillis(), TimeUnit.MILLISECONDS).syncUninterruptibly();
        accounting.close();
        if (sharing != null) {
            // Last, so that the others hear of every announce that was answered.
            sharing.close();
        }
    }

    /** Returns whether the tracker knows what it serves, and listens. */
    public boolean isReady() {
        return ready;
    }

    /** Whether the reader of admission goes on. */
    boolean isReadingState() {
        return feed.isAlive();
    }

    /** Whether the reader of the other replicas goes on; true where there are none. */
    boolean isReadingReplicas() {
        return sharing == null || sharing.isAlive();
    }

    /** The port for HTTP announces, once ready. */
    public int httpPort() {
        return httpEdges.getFirst().port();
    }

    /** The port for UDP announces, once ready. */
    public int udpPort() {
        return udpEdges.getFirst().port();
    }

    /** HTTP connections that are open. */
    int connections() {
        return httpEdges.stream().mapToInt(HttpEdge::connections).sum();
    }

    WaitingPlaces waiting() {
        return waiting;
    }

    Torrents torrents() {
        return torrents;
    }

    Passkeys passkeys() {
        return passkeys;
    }

    Members members() {
        return members;
    }

    Ledger ledger() {
        return ledger;
    }

    RateLimit limit() {
        return limit;
    }

    SwarmTotals totals() {
        return swarms.totals();
    }

    long notRemembered() {
        return swarms.notRemembered();
    }

    Traffic http() {
        return http;
    }

    Traffic udp() {
        return udp;
    }

    ReplicationTraffic sharing() {
        return sharingTraffic;
    }
}
