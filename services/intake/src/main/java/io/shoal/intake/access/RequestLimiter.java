package io.shoal.intake.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Counts the requests of each key, and of each address before its key is looked up, against this replica's share of their
 * limits. Memory is bounded: a bucket that has not been used for long is full, so it is dropped.
 */
@ApplicationScoped
public class RequestLimiter {
    private static final int MOST_BUCKETS = 100_000;
    private static final Duration UNUSED = Duration.ofMinutes(10);
    private static final int IPV6_PREFIX_BYTES = 8;

    private final RequestLimit addressLimit;
    private final int replicas;
    private final Cache<InetAddress, TokenBucket> addresses = buckets();
    private final Cache<UUID, TokenBucket> keys = buckets();

    RequestLimiter(
            @ConfigProperty(name = "shoal.requests.address.rate") double addressRate,
            @ConfigProperty(name = "shoal.requests.address.burst") int addressBurst,
            @ConfigProperty(name = "shoal.replicas") int replicas) {
        this.addressLimit = new RequestLimit(addressRate, addressBurst);
        this.replicas = replicas;
        if (replicas < 1) {
            throw new IllegalStateException("shoal.replicas must be at least 1");
        }
    }

    private static <K> Cache<K, TokenBucket> buckets() {
        return Caffeine.newBuilder()
                .maximumSize(MOST_BUCKETS)
                .expireAfterAccess(UNUSED)
                .build();
    }

    /** Takes a request from what {@code address} may send; the addresses of one IPv6 /64 count as one. */
    public LimitStatus take(InetAddress address) {
        return take(addresses, network(address), addressLimit);
    }

    /** Takes a request from what a key may send. */
    public LimitStatus take(UUID key, RequestLimit limit) {
        return take(keys, key, limit);
    }

    private <K> LimitStatus take(Cache<K, TokenBucket> buckets, K of, RequestLimit limit) {
        long now = System.nanoTime();
        return buckets.get(of, nothing -> new TokenBucket(now)).take(limit.shareOf(replicas), now);
    }

    private static InetAddress network(InetAddress address) {
        if (address instanceof Inet6Address) {
            byte[] bytes = address.getAddress();
            Arrays.fill(bytes, IPV6_PREFIX_BYTES, bytes.length, (byte) 0);
            return TrustedProxies.of(bytes);
        }
        return address;
    }
}
