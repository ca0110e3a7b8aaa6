package io.shoal.tracker;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
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
import io.shoal.tracker.replication.ReplicationTraffic;
import io.shoal.tracker.swarms.SwarmLimits;
import io.shoal.tracker.swarms.Swarms;
import io.shoal.tracker.udp.ConnectionIds;
import io.shoal.tracker.udp.UdpEdge;
import io.shoal.tracker.waiting.WaitingLimits;
import io.shoal.tracker.waiting.WaitingPlaces;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Both edges on free ports of one loopback address, with a clock that is turned by hand. */
public final class Loopback implements AutoCloseable {
    private static final WaitingLimits NO_WAIT = WaitingLimits.usual(Duration.ZERO);

    private static final String[] NONE = {};

    /** Seconds. */
    public static final int INTERVAL = 1_800;

    public final AtomicLong clock = new AtomicLong(1_800_000_000_000L);
    public final WaitingPlaces waiting;
    public final Tracker tracker;
    public final Torrents torrents;
    public final Passkeys passkeys;
    public final Ledger ledger = new Ledger(1_000);
    public final Traffic traffic = new Traffic();
    public final HttpEdge http;
    public final UdpEdge udp;
    public final InetAddress address;
    private final EventLoopGroup loops = new EpollEventLoopGroup(1);

    /** Serves every torrent unless only {@code registeredOnly}. */
    public Loopback(String host, boolean registeredOnly, boolean privateSources, Limits limits, String... trusted)
            throws Exception {
        this(host, registeredOnly, privateSources, limits, new RateLimit(0, 1, 1), NO_WAIT, trusted, NONE);
    }

    private Loopback(
            String host,
            boolean registeredOnly,
            boolean privateSources,
            Limits limits,
            RateLimit rate,
            WaitingLimits waitingLimits,
            String[] trusted,
            String[] httpProxies)
            throws Exception {
        waiting = new WaitingPlaces(waitingLimits, clock::get);
        torrents = new Torrents(waiting::torrentChanged);
        passkeys = new Passkeys(3, waiting::passkeyChanged);
        address = InetAddress.getByName(host);
        SwarmLimits swarmLimits = new SwarmLimits(3_600_000, 300_000, 100_000);
        Swarms swarms = new Swarms(swarmLimits, 1);
        SplittableRandom random = new SplittableRandom(1);
        Members members = new Members(swarmLimits, ledger, () -> random);
        tracker = new Tracker(
                swarms,
                members,
                new Admission(torrents, passkeys, !registeredOnly),
                waiting,
                rate,
                new Rules(
                        INTERVAL,
                        600,
                        Networks.of(List.of(trusted)),
                        Networks.of(List.of(httpProxies)),
                        privateSources),
                clock::get,
                () -> random);
        InetSocketAddress any = new InetSocketAddress(address, 0);
        http = HttpEdge.listen(
                loops,
                any,
                tracker,
                traffic,
                new StatsPage(swarms, members, traffic, new Traffic(), new ReplicationTraffic()),
                limits);
        udp = UdpEdge.listen(1, any, tracker, traffic, new ConnectionIds(List.of(new byte[16])), clock::get);
    }

    /** Serves what is registered; announces for all else wait until the clock is turned by the time of {@code waiting}. */
    public static Loopback waiting(WaitingLimits waiting, Limits limits, String... trusted) throws Exception {
        return new Loopback("127.0.0.1", true, true, limits, new RateLimit(0, 1, 1), waiting, trusted, NONE);
    }

    /** All allowed, nothing trusted, on 127.0.0.1. */
    public static Loopback open(String... trusted) throws Exception {
        return new Loopback("127.0.0.1", false, true, patient(), trusted);
    }

    /** Serves what is registered, on 127.0.0.1. */
    public static Loopback registered(String... trusted) throws Exception {
        return new Loopback("127.0.0.1", true, true, patient(), trusted);
    }

    /** An address may ask {@code burst} times at once, then once a second. */
    public static Loopback limited(int burst, String... trusted) throws Exception {
        return new Loopback("127.0.0.1", false, true, patient(), new RateLimit(1, burst, 1), NO_WAIT, trusted, NONE);
    }

    /** The same behind HTTP proxies. */
    public static Loopback limitedBehindHttp(int burst, String... proxies) throws Exception {
        return new Loopback("127.0.0.1", false, true, patient(), new RateLimit(1, burst, 1), NO_WAIT, NONE, proxies);
    }

    /** All allowed; from {@code proxies} X-Forwarded-For is believed. */
    public static Loopback behindHttp(String... proxies) throws Exception {
        return new Loopback("127.0.0.1", false, true, patient(), new RateLimit(0, 1, 1), NO_WAIT, NONE, proxies);
    }

    /** Connections from {@code proxies} begin with a PROXY protocol header. */
    public static Loopback behind(String proxies, String... trusted) throws Exception {
        Limits limits = new Limits(Duration.ofSeconds(30), Duration.ofSeconds(30), 100, Networks.of(List.of(proxies)));
        return new Loopback("127.0.0.1", false, true, limits, trusted);
    }

    /** Limits that no test reaches by accident. */
    public static Limits patient() {
        return limits(Duration.ofSeconds(30), Duration.ofSeconds(30), 100);
    }

    /** Without proxies. */
    public static Limits limits(Duration head, Duration idle, int connections) {
        return new Limits(head, idle, connections, Networks.of(List.of()));
    }

    @Override
    public void close() {
        http.close();
        udp.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
