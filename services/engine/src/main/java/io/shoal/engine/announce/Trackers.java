package io.shoal.engine.announce;

import io.netty.channel.EventLoop;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.egress.Egress;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Loop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * Sends announces over HTTP, HTTPS and UDP, by the scheme of the tracker's URL. One instance serves all torrents of an
 * engine; over UDP each torrent announces from the port at which its peers arrive.
 */
public final class Trackers implements TrackerClient {
    private final HttpTrackerClient http;

    /** By the number of the port. */
    private final SequencedMap<Integer, UdpTrackerClient> udp = new LinkedHashMap<>();

    /**
     * @param eventLoop runs announces over HTTP; remains the caller's to close
     * @param egress which addresses may be reached
     * @param ports where peers arrive; at least one
     */
    public Trackers(EventLoop eventLoop, Egress egress, List<DatagramPort> ports) {
        http = new HttpTrackerClient(eventLoop, egress, ports.getFirst()::hasFamilyOf);
        for (DatagramPort port : ports) {
            udp.put(port.number(), new UdpTrackerClient(port, egress));
        }
    }

    @Override
    public void announce(String url, AnnounceRequest request, Loop loop, Consumer<AnnounceResult> done) {
        client(url, request.port()).announce(url, request, loop, done);
    }

    private TrackerClient client(String url, int port) {
        if (!url.toLowerCase(Locale.ROOT).startsWith("udp:")) {
            return http;
        }
        UdpTrackerClient own = udp.get(port);
        return own == null ? udp.firstEntry().getValue() : own;
    }

    @Override
    public void close() {
        http.close();
        udp.values().forEach(UdpTrackerClient::close);
    }
}
