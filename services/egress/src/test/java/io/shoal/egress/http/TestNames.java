package io.shoal.egress.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/** Resolves the names below, and other names as the system does. */
public final class TestNames extends InetAddressResolverProvider {
    /** Resolves to 127.0.0.3, where nothing listens, and 127.0.0.1, in this order. */
    public static final String TWO_ADDRESSES = "two-addresses.test";

    /** Resolves to 127.0.0.1 and ::1. */
    public static final String BOTH_FAMILIES = "both-families.test";

    /** Resolves to 127.0.0.2. */
    public static final String INTERNAL = "internal.test";

    /** Does not exist. */
    public static final String UNKNOWN = "unknown.test";

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver system = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                return switch (host) {
                    case TWO_ADDRESSES ->
                        Stream.of(InetAddress.ofLiteral("127.0.0.3"), InetAddress.ofLiteral("127.0.0.1"));
                    case BOTH_FAMILIES -> Stream.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
                    case INTERNAL -> Stream.of(InetAddress.ofLiteral("127.0.0.2"));
                    case UNKNOWN -> throw new UnknownHostException(host);
                    default -> system.lookupByName(host, policy);
                };
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return system.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "names for tests";
    }
}
