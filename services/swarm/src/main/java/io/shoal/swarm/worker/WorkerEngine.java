package io.shoal.swarm.worker;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.shoal.egress.Cidr;
import io.shoal.egress.GlobalEgress;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentListener;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.announce.Trackers;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.netty.NettyNetwork;
import io.shoal.engine.obfuscation.PeerEncryption;
import io.shoal.engine.store.Store;
import io.shoal.engine.swarms.Engine;
import io.shoal.engine.webseeds.HttpRangeClient;
import io.shoal.engine.webseeds.WebServers;
import io.shoal.swarm.running.PeerIds;
import io.shoal.swarm.running.TorrentEngine;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The engine of a worker, with its threads and sockets. */
public final class WorkerEngine implements TorrentEngine, AutoCloseable {
    /** Ports on which one worker listens: this many torrents with one info-hash have ports of their own. */
    private static final int PORTS = 4;

    private static final long CLOSE_SECONDS = 5;

    private final NettyNetwork network;
    private final EventLoopGroup announceGroup;
    private final ExecutorService workers;
    private final Engine engine;

    /**
     * Starts to listen.
     *
     * @param announced the address that is announced to trackers; null to let them use the source address
     * @param fleet recognises the peers of this deployment
     * @param allowed ranges that may be reached although they are not global, and from which many peers may come
     * @param downRate bytes received per second over all torrents, 0 for no limit
     * @param upRate bytes sent per second over all torrents, 0 for no limit
     */
    public WorkerEngine(
            List<InetSocketAddress> listen,
            @Nullable String announced,
            PeerIds fleet,
            List<Cidr> allowed,
            EncryptionPolicy encryption,
            long downRate,
            long upRate)
            throws IOException {
        GlobalEgress egress = new GlobalEgress(allowed);
        int cores = Runtime.getRuntime().availableProcessors();
        network = NettyNetwork.start(Math.max(1, cores / 2));
        announceGroup = new NioEventLoopGroup(1, new DefaultThreadFactory("announce", true));
        workers = Executors.newFixedThreadPool(
                Math.max(2, cores),
                Thread.ofPlatform().daemon().name("engine-worker-", 0).factory());
        EngineConfig config = new EngineConfig(
                listen,
                announced,
                fleet::isFleetMember,
                address -> allowed.stream().anyMatch(range -> range.contains(address)),
                encryption,
                downRate,
                upRate);
        try {
            engine = new Engine(
                    config,
                    network,
                    egress,
                    ports -> new Trackers(announceGroup.next(), egress, ports),
                    workers,
                    new SecureRandom(),
                    new HttpRangeClient(NettyNetwork::eventLoop, egress));
        } catch (IOException e) {
            closeThreads();
            throw e;
        }
    }

    /** Creates the engine of the configuration. */
    static WorkerEngine of(WorkerSettings settings) throws IOException {
        int first = settings.peer().basePort() + PORTS * settings.worker().index();
        List<InetAddress> bind = bindAddresses(settings.peer().bind().orElse(List.of()));
        List<InetSocketAddress> listen = IntStream.range(first, first + PORTS)
                .boxed()
                .flatMap(port -> bind.stream().map(address -> new InetSocketAddress(address, port)))
                .toList();
        List<Cidr> allowed = settings.egress().allow().orElse(List.of()).stream()
                .map(Cidr::parse)
                .toList();
        return new WorkerEngine(
                listen,
                settings.peer().announce().orElse(null),
                new PeerIds(settings.fleetKey()),
                allowed,
                settings.peer().encryption(),
                settings.rates().down(),
                settings.rates().up());
    }

    /** Returns the addresses to listen on: those of the configuration, or all of this machine if it has none. */
    static List<InetAddress> bindAddresses(List<String> configured) throws UnknownHostException {
        if (configured.isEmpty()) {
            return List.of(NettyNetwork.wildcard());
        }
        List<InetAddress> addresses = new ArrayList<>();
        for (String each : configured) {
            addresses.add(InetAddress.getByName(each.strip()));
        }
        if (addresses.stream().anyMatch(each -> each instanceof Inet6Address && each.isAnyLocalAddress())) {
            addresses.removeIf(each -> each instanceof Inet4Address); // [::] takes the peers of both families
        }
        return List.copyOf(new LinkedHashSet<>(addresses));
    }

    /** Returns what has become of encrypted handshakes with peers. */
    PeerEncryption.Counters encryption() {
        return engine.encryption();
    }

    /** Returns the counts of the datagrams of all ports. */
    DatagramPort.Counters datagrams() {
        return engine.datagrams();
    }

    /** Returns the counts of all web seeds. */
    WebServers.Counters webSeeds() {
        return engine.webSeeds();
    }

    @Override
    public TorrentHandle join(TorrentSpec spec, Store store, TorrentListener listener) {
        return engine.add(spec, store, listener);
    }

    @Override
    public ResolveHandle resolve(ResolveSpec spec, Consumer<byte[]> found) {
        return engine.resolve(spec, found);
    }

    @Override
    public void close() {
        engine.close();
        closeThreads();
    }

    private void closeThreads() {
        workers.shutdown(); // its tasks may use the scratch file, which an interrupt would close
        announceGroup.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
        network.close();
    }
}
