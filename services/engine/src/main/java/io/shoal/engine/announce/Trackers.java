package io.shoal.engine.announce;

import io.netty.channel.EventLoop;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.egress.Egress;
import io.shoal.engine.net.Loop;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Sends announces over HTTP, HTTPS and UDP, by the scheme of the tracker's URL. One instance serves all torrents of an
 * engine.
 */
public final class Trackers implements TrackerClient, AutoCloseable {
    private final HttpTrackerClient http;
    private final UdpTrackerClient udp;

    /**
     * @param eventLoop runs all of it; remains the caller's to close
     * @param egress which addresses may be reached
     */
    public Trackers(EventLoop eventLoop, Egress egress) {
        http = new HttpTrackerClient(eventLoop, egress);
        udp = new UdpTrackerClient(eventLoop, egress);
    }

    @Override
    public void announce(String url, AnnounceRequest request, Loop loop, Consumer<AnnounceResult> done) {
        TrackerClient client = url.toLowerCase(Locale.ROOT).startsWith("udp:") ? udp : http;
        client.announce(url, request, loop, done);
    }

    /** Closes the clients: announces in progress fail with {@link Codes#STOPPING}. */
    @Override
    public void close() {
        http.close();
        udp.close();
    }
}
