package io.shoal.tracker;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.shoal.tracker.admission.Registered;
import io.shoal.tracker.announce.Rules;
import io.shoal.tracker.announce.Tracker;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.http.HttpEdge;
import io.shoal.tracker.http.Limits;
import io.shoal.tracker.http.StatsPage;
import io.shoal.tracker.networks.Networks;
import io.shoal.tracker.swarms.Swarms;
import io.shoal.tracker.swarms.Terms;
import io.shoal.tracker.udp.ConnectionIds;
import io.shoal.tracker.udp.UdpEdge;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Both edges on free ports of one loopback address, with a clock that is turned by hand. */
public final class Loopback implements AutoCloseable {
    /** Seconds. */
    public static final int INTERVAL = 1_800;

    public final AtomicLong clock = new AtomicLong(1_800_000_000_000L);
    public final Registered registered = new Registered();
    public final Traffic traffic = new Traffic();
    public final HttpEdge http;
    public final UdpEdge udp;
    public final InetAddress address;
    private final EventLoopGroup loops = new EpollEventLoopGroup(1);

    /** Serves every torrent unless only {@code registeredOnly}. */
    public Loopback(String host, boolean registeredOnly, boolean privateSources, Limits limits, String... trusted)
            throws Exception {
        address = InetAddress.getByName(host);
        Swarms swarms = new Swarms(new Terms(3_600_000, 300_000, 100_000), 1);
        SplittableRandom random = new SplittableRandom(1);
        Tracker tracker = new Tracker(
                swarms,
                registeredOnly ? registered : torrent -> true,
                new Rules(INTERVAL, 600, Networks.of(List.of(trusted)), privateSources),
                clock::get,
                () -> random);
        InetSocketAddress any = new InetSocketAddress(address, 0);
        http = HttpEdge.listen(
                loops, any, tracker, traffic, new StatsPage(swarms::census, traffic, new Traffic()), limits);
        udp = UdpEdge.listen(1, any, tracker, traffic, new ConnectionIds(List.of(new byte[16])), clock::get);
    }

    /** All allowed, nothing trusted, on 127.0.0.1. */
    public static Loopback open(String... trusted) throws Exception {
        return new Loopback("127.0.0.1", false, true, patient(), trusted);
    }

    /** Limits that no test reaches by accident. */
    public static Limits patient() {
        return new Limits(Duration.ofSeconds(30), Duration.ofSeconds(30), 100);
    }

    @Override
    public void close() {
        http.close();
        udp.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
