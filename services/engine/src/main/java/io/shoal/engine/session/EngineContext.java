package io.shoal.engine.session;

import io.shoal.bittorrent.wire.ExtendedHandshake.Addresses;
import io.shoal.egress.Egress;
import io.shoal.egress.GlobalEgress;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.choking.UploadSlots;
import io.shoal.engine.dialing.DialPace;
import io.shoal.engine.limits.Backlog;
import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.Seats;
import io.shoal.engine.metadata.MetadataBudget;
import io.shoal.engine.net.Network;
import io.shoal.engine.obfuscation.PeerEncryption;
import io.shoal.engine.webseeds.WebServers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * State that all torrents of one engine share. Everything in it may be used from every loop.
 *
 * @param encryption encrypts connections with peers
 * @param workers runs blocking work: writing, reading, hashing
 * @param down limits received payload
 * @param up limits sent payload
 * @param uploadSlots how many peers of all torrents are unchoked
 * @param seats the connections of all torrents
 * @param pace the pace at which all torrents dial
 * @param candidates number of addresses that all torrents keep to dial
 * @param ownAddresses where peers reach this engine, as far as it knows: never dialled
 * @param webServers the servers that web seeds of all torrents are on
 */
public record EngineContext(
        EngineConfig config,
        Network network,
        PeerEncryption encryption,
        Egress egress,
        TrackerClient trackers,
        Executor workers,
        RateTree down,
        RateTree up,
        Backlog backlog,
        MetadataBudget metadata,
        UploadSlots uploadSlots,
        Seats seats,
        DialPace pace,
        AtomicInteger candidates,
        Set<InetSocketAddress> ownAddresses,
        WebServers webServers) {

    /** Which of the own addresses may be told to peers: those behind a firewall are of no use to them. */
    private static final Egress GLOBAL = new GlobalEgress(List.of());

    public EngineContext {
        ownAddresses = Collections.unmodifiableSet(new LinkedHashSet<>(ownAddresses)); // in the order of preference
    }

    /** Returns the addresses that are sent to {@code peer}: its own, and global ones of this engine. */
    Addresses addressesFor(InetAddress peer) {
        List<InetAddress> ours = new ArrayList<>();
        for (InetSocketAddress own : ownAddresses) {
            InetAddress address = own.getAddress();
            if (address != null
                    && GLOBAL.allows(address)
                    && ours.stream().noneMatch(each -> each.getClass() == address.getClass())) {
                ours.add(address);
            }
        }
        return new Addresses(peer, ours);
    }

    /** Whether this engine itself is reached at {@code address}. */
    boolean isOwnAddress(InetSocketAddress address) {
        return ownAddresses.contains(address);
    }
}
