package io.shoal.engine;

import io.shoal.bittorrent.PeerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of an engine.
 *
 * @param listen addresses to listen on, over TCP and UDP, at least one. Those with the same port number are one port.
 *     Torrents with the same info-hash use different ports while there are enough, and share them otherwise
 * @param announcedAddress the address sent to trackers as {@code ip=}; null to let trackers use the source address, as
 *     they do for the address family that it is not of
 * @param fleet accepts the peer ids of torrents of other engines of the same deployment: they are never shown, and are
 *     asked rather than outsiders
 * @param manyPerAddress addresses from which more than 3 peers are accepted, such as those of a test network
 * @param encryption which connections with peers are encrypted
 * @param downLimit payload bytes per second over all torrents, 0 for none
 * @param upLimit payload bytes per second over all torrents, 0 for none
 */
public record EngineConfig(
        List<InetSocketAddress> listen,
        @Nullable String announcedAddress,
        Predicate<PeerId> fleet,
        Predicate<InetAddress> manyPerAddress,
        EncryptionPolicy encryption,
        long downLimit,
        long upLimit) {

    public EngineConfig {
        listen = List.copyOf(listen);
    }

    /** An engine outside any fleet, that allows encryption. */
    public EngineConfig(
            List<InetSocketAddress> listen,
            @Nullable String announcedAddress,
            Predicate<InetAddress> manyPerAddress,
            long downLimit,
            long upLimit) {
        this(listen, announcedAddress, peer -> false, manyPerAddress, EncryptionPolicy.ALLOWED, downLimit, upLimit);
    }
}
