package io.shoal.engine.swarms;

import io.shoal.bittorrent.InfoHash;
import io.shoal.egress.Egress;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.choking.UploadSlots;
import io.shoal.engine.dialing.DialPace;
import io.shoal.engine.limits.Backlog;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.Seats;
import io.shoal.engine.metadata.MetadataBudget;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import io.shoal.engine.obfuscation.PeerEncryption;
import io.shoal.engine.session.EngineContext;
import io.shoal.engine.session.PeerAcceptor;
import io.shoal.engine.session.Presence;
import io.shoal.engine.session.RunningResolution;
import io.shoal.engine.session.RunningTorrent;
import io.shoal.engine.store.Store;
import io.shoal.engine.webseeds.RangeClient;
import io.shoal.engine.webseeds.WebServers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes part in any number of swarms at once. Torrents are spread over the network's loops; they share the ports, the
 * rate limits and the bounds.
 *
 * <p>It closes its UDP sockets and the tracker client, but neither the network nor the workers: the caller owns them.
 */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /** Longer than any announce or write that a closing torrent waits for. */
    private static final Duration CLOSE = Duration.ofSeconds(20);

    private final EngineContext context;
    private final RandomGenerator random;
    private final ListenPorts ports;

    /** How to close each running torrent. Guarded by this. */
    private final Map<PeerAcceptor, Supplier<CompletableFuture<Void>>> running = new LinkedHashMap<>();

    private int nextLoop;

    /**
     * Listens on the addresses of {@code config}.
     *
     * @param egress decides which peers may be dialled
     * @param trackers creates what sends announces, given the UDP side of each port
     * @param workers runs blocking work: writing, reading, hashing. Two threads keep up with a gigabyte a second
     * @param random the source of all random choices
     * @throws IOException if an address cannot be listened on
     */
    public Engine(
            EngineConfig config,
            Network network,
            Egress egress,
            Function<List<DatagramPort>, TrackerClient> trackers,
            Executor workers,
            RandomGenerator random)
            throws IOException {
        this(
                config,
                network,
                egress,
                trackers,
                workers,
                random,
                new Seats(EngineLimits.PEERS_PER_ENGINE),
                RangeClient.NONE);
    }

    /** The same, with what sends requests to web seeds. */
    public Engine(
            EngineConfig config,
            Network network,
            Egress egress,
            Function<List<DatagramPort>, TrackerClient> trackers,
            Executor workers,
            RandomGenerator random,
            RangeClient webSeeds)
            throws IOException {
        this(config, network, egress, trackers, workers, random, new Seats(EngineLimits.PEERS_PER_ENGINE), webSeeds);
    }

    /** The same, with a tracker client that has sockets of its own or none. */
    public Engine(
            EngineConfig config,
            Network network,
            Egress egress,
            TrackerClient trackers,
            Executor workers,
            RandomGenerator random)
            throws IOException {
        this(config, network, egress, trackers, workers, random, new Seats(EngineLimits.PEERS_PER_ENGINE));
    }

    Engine(
            EngineConfig config,
            Network network,
            Egress egress,
            TrackerClient trackers,
            Executor workers,
            RandomGenerator random,
            Seats seats)
            throws IOException {
        this(config, network, egress, ports -> trackers, workers, random, seats, RangeClient.NONE);
    }

    private Engine(
            EngineConfig config,
            Network network,
            Egress egress,
            Function<List<DatagramPort>, TrackerClient> trackers,
            Executor workers,
            RandomGenerator random,
            Seats seats,
            RangeClient webSeeds)
            throws IOException {
        this.random = random;
        PeerEncryption encryption = new PeerEncryption(config.encryption(), workers, this::randomBytes);
        this.ports = new ListenPorts(config, network, encryption);
        this.context = new EngineContext(
                config,
                network,
                encryption,
                egress,
                trackers.apply(ports.datagrams()),
                workers,
                new RateTree(network.loops().getFirst(), config.downLimit()),
                new RateTree(network.loops().getFirst(), config.upLimit()),
                new Backlog(),
                new MetadataBudget(MetadataBudget.BYTES_MAX),
                new UploadSlots(EngineLimits.UPLOAD_SLOTS),
                seats,
                new DialPace(network.loops().getFirst()),
                new AtomicInteger(),
                ports.ownAddresses(),
                new WebServers(webSeeds));
    }

    /** Returns the addresses that are listened on, in the order of the configuration, with their actual ports. */
    public List<InetSocketAddress> listening() {
        return ports.listening();
    }

    private synchronized void randomBytes(byte[] bytes) {
        random.nextBytes(bytes);
    }

    /** Returns what has become of encrypted handshakes. */
    public PeerEncryption.Counters encryption() {
        return context.encryption().counters();
    }

    /** Returns the counts of the datagrams of all ports. */
    public DatagramPort.Counters datagrams() {
        return ports.datagramCounters();
    }

    /** Returns the counts of all web seeds. */
    public WebServers.Counters webSeeds() {
        return context.webServers().counters();
    }

    /**
     * Joins a swarm. May be called from any thread.
     *
     * @param store belongs to the torrent from now on, which closes it
     * @param listener notified on the torrent's loop
     */
    public synchronized TorrentHandle add(TorrentSpec spec, Store store, TorrentListener listener) {
        InfoHash hash = spec.info().hash();
        Presence presence = ports.register(hash, spec.peerId(), spec.info().isPrivate());
        RunningTorrent torrent = RunningTorrent.start(
                context,
                nextLoop(),
                spec,
                presence,
                ports.siblings(hash, presence),
                store,
                listener,
                new SplittableRandom(random.nextLong()),
                closed -> remove(hash, closed));
        ports.activate(hash, torrent);
        running.put(torrent, () -> torrent.close(false));
        return torrent;
    }

    /**
     * Searches the swarm of a magnet for its info dictionary. May be called from any thread.
     *
     * @param resolved receives the bytes of the info dictionary, verified by their hash, once, on a loop: must not
     *     block
     */
    public synchronized ResolveHandle resolve(ResolveSpec spec, Consumer<byte[]> resolved) {
        InfoHash hash = spec.infoHash();
        Presence presence = ports.register(hash, spec.peerId(), false);
        RunningResolution resolution = RunningResolution.start(
                context,
                nextLoop(),
                spec,
                presence,
                ports.siblings(hash, presence),
                resolved,
                new SplittableRandom(random.nextLong()),
                closed -> remove(hash, closed));
        ports.activate(hash, resolution);
        running.put(resolution, () -> resolution.close(false));
        return resolution;
    }

    private Loop nextLoop() {
        List<? extends Loop> loops = context.network().loops();
        return loops.get(Math.floorMod(nextLoop++, loops.size()));
    }

    private synchronized void remove(InfoHash hash, PeerAcceptor closed) {
        ports.unregister(hash, closed.presence());
        running.remove(closed);
    }

    /** Closes all torrents without announcing {@code stopped}, and waits until they are closed, within a bound. */
    @Override
    public void close() {
        List<Supplier<CompletableFuture<Void>>> all;
        synchronized (this) {
            all = List.copyOf(running.values());
        }
        try {
            CompletableFuture.allOf(all.stream().map(Supplier::get).toArray(CompletableFuture[]::new))
                    .get(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.error("Not every torrent closed as it should", e);
        }
        context.trackers().close();
        ports.close();
    }
}
