package io.shoal.storage.records;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.security.Security;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Knows {@link #HOST} only after it has been asked for it some times, as when Kafka is installed beside the platform. */
public final class LateNames extends InetAddressResolverProvider {
    static final String HOST = "kafka.late.test";
    private static final int UNKNOWN = 4;

    @Override
    public InetAddressResolver get(Configuration configuration) {
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        InetAddressResolver builtin = configuration.builtinResolver();
        AtomicInteger asked = new AtomicInteger();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                if (!host.equals(HOST)) {
                    return builtin.lookupByName(host, policy);
                }
                if (asked.incrementAndGet() <= UNKNOWN) {
                    throw new UnknownHostException(host);
                }
                return Stream.of(InetAddress.getLoopbackAddress());
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return builtin.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "late names";
    }
}
