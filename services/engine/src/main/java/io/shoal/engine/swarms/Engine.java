package io.shoal.engine.swarms;

import io.shoal.engine.EngineConfig;
import io.shoal.engine.Torrent;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.limits.Backlog;
import io.shoal.engine.limits.RateLimit;
import io.shoal.engine.metadata.MetadataBudget;
import io.shoal.engine.net.Egress;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import io.shoal.engine.session.RunningTorrent;
import io.shoal.engine.session.Surroundings;
import io.shoal.engine.store.Store;
import io.shoal.engine.swarms.Ports.Berth;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Takes part in any number of swarms at once. Torrents are spread over the network's loops; what they share is the ports,
 * the rates and the bounds.
 *
 * <p>It closes neither the network nor the workers: they were given to it.
 */
public final class Engine implements AutoCloseable {
    private final Surroundings surroundings;
    private final RandomGenerator random;
    private final Ports ports;
    private final List<RunningTorrent> torrents = new ArrayList<>(); // guarded by this
    private int nextLoop;

    /**
     * Listens on the addresses of {@code config}.
     *
     * @param egress which peers may be dialled
     * @param trackers carries announces
     * @param workers for what blocks: writing, reading, hashing. Two threads keep up with a gigabyte a second
     * @param random everything that is drawn is drawn from this
     * @throws IOException if an address cannot be listened on
     */
    public Engine(
            EngineConfig config,
            Network network,
            Egress egress,
            TrackerClient trackers,
            Executor workers,
            RandomGenerator random)
            throws IOException {
        this.surroundings = new Surroundings(
                config,
                network,
                egress,
                trackers,
                workers,
                new RateLimit(config.downLimit()),
                new RateLimit(config.upLimit()),
                new Backlog(),
                new MetadataBudget(MetadataBudget.BYTES_MAX),
                new AtomicInteger());
        this.random = random;
        this.ports = new Ports(config, network);
    }

    /** The addresses that are listened on, in the order of the configuration, with the ports that were found. */
    public List<InetSocketAddress> listening() {
        return ports.listening();
    }

    /**
     * Joins a swarm. May be called from anywhere.
     *
     * @param store belongs to the torrent from now on, which closes it
     * @param listener hears of the torrent on its loop
     */
    public synchronized Torrent add(TorrentSpec spec, Store store, TorrentListener listener) {
        Berth berth = ports.free(spec.info().hash());
        List<? extends Loop> loops = surroundings.network().loops();
        Loop loop = loops.get(nextLoop++ % loops.size());
        RunningTorrent torrent = RunningTorrent.start(
                surroundings,
                loop,
                spec,
                berth.port(),
                store,
                listener,
                new SplittableRandom(random.nextLong()),
                this::forget);
        ports.put(berth, spec.info().hash(), torrent);
        torrents.add(torrent);
        return torrent;
    }

    private synchronized void forget(RunningTorrent torrent) {
        ports.remove(torrent);
        torrents.remove(torrent);
    }

    /** Ends all torrents without telling trackers, and waits for that. */
    @Override
    public void close() {
        List<RunningTorrent> all;
        synchronized (this) {
            all = List.copyOf(torrents);
        }
        CompletableFuture.allOf(
                        all.stream().map(torrent -> torrent.close(false)).toArray(CompletableFuture[]::new))
                .join();
    }
}
