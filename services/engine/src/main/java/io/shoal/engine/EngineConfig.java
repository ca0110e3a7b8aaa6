package io.shoal.engine;

import io.shoal.bittorrent.PeerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How an engine stands in the world.
 *
 * @param listen addresses to listen on, at least one. Torrents with one info-hash have different ones while there are enough, and
 *     share them otherwise
 * @param announcedAddress the address that trackers are told in {@code ip=}; null to let them see for themselves
 * @param fleet peers that are torrents of other engines of the same deployment, by their peer ids: never shown, and asked
 *     rather than outsiders
 * @param manyPerAddress addresses from which more than 3 peers are welcome, such as a test network
 * @param downLimit payload bytes per second over all torrents, 0 for none
 * @param upLimit payload bytes per second over all torrents, 0 for none
 */
public record EngineConfig(
        List<InetSocketAddress> listen,
        @Nullable String announcedAddress,
        Predicate<PeerId> fleet,
        Predicate<InetAddress> manyPerAddress,
        long downLimit,
        long upLimit) {

    public EngineConfig {
        listen = List.copyOf(listen);
    }

    /** An engine that belongs to no fleet. */
    public EngineConfig(
            List<InetSocketAddress> listen,
            @Nullable String announcedAddress,
            Predicate<InetAddress> manyPerAddress,
            long downLimit,
            long upLimit) {
        this(listen, announcedAddress, peer -> false, manyPerAddress, downLimit, upLimit);
    }
}
