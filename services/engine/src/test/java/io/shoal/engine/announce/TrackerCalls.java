package io.shoal.engine.announce;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Loop;
import io.shoal.engine.netty.NettyNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Calls tracker clients over real sockets, and awaits the results. */
final class TrackerCalls implements AutoCloseable {
    static final InfoHash HASH = InfoHash.ofHex("0102030405060708090a0b0c0d0e0f1011121314");

    private final EventLoopGroup group = new EpollEventLoopGroup(1, new DefaultThreadFactory("trackers", true));

    private final NettyNetwork network = NettyNetwork.start(1);

    /** Runs what it is given at once: the outcome is only handed on. */
    private static final Loop HERE = new Loop() {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            throw new AssertionError("a tracker client schedules on its own loop, not on its caller's");
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long epochMillis() {
            return System.currentTimeMillis();
        }
    };

    EventLoop eventLoop() {
        return group.next();
    }

    Loop loop() {
        return HERE;
    }

    /** Opens a UDP port of any number. */
    DatagramPort port(String address) throws IOException {
        return DatagramPort.open(
                network, network.loops().getFirst(), List.of(new InetSocketAddress(InetAddress.ofLiteral(address), 0)));
    }

    static AnnounceRequest request(InfoHash hash, int port, long left, AnnounceEvent event) {
        byte[] id = ("-SH0100-" + (100_000_000_000L + port)).getBytes(StandardCharsets.US_ASCII);
        return new AnnounceRequest(hash, PeerId.of(id), port, port, 0, 0, left, event, 50, null, null);
    }

    static CompletableFuture<AnnounceResult> begin(TrackerClient client, String url, AnnounceRequest request) {
        CompletableFuture<AnnounceResult> outcome = new CompletableFuture<>();
        client.announce(url, request, HERE, result -> {
            if (!outcome.complete(result)) {
                throw new IllegalStateException("a second result: " + result);
            }
        });
        return outcome;
    }

    static AnnounceResult call(TrackerClient client, String url, AnnounceRequest request) throws Exception {
        return begin(client, url, request).get(20, TimeUnit.SECONDS);
    }

    static AnnounceResult call(TrackerClient client, String url) throws Exception {
        return call(client, url, request(HASH, 6881, 0, AnnounceEvent.NONE));
    }

    @Override
    public void close() {
        network.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }
}
