package io.shoal.tracker.udp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.shoal.tracker.networks.Address;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;

/**
 * The address of the other end as the kernel writes it: {@code struct sockaddr_in} or {@code sockaddr_in6}.
 *
 * <pre>
 * both  family 16 | port 16, network order
 * V4    address 32
 * V6    flow 32 | address 128 | scope 32
 * </pre>
 */
final class SocketName {
    /** PeerQuota for the larger of the two, and to the next multiple of 8. */
    static final int BYTES = 32;

    private static final int V4_BYTES = 16;
    private static final int V6_BYTES = 28;
    private static final int PORT = 2;
    private static final int V4_ADDRESS = 4;
    private static final int V6_ADDRESS = 8;
    private static final int V6_SCOPE = 24;
    private static final ValueLayout.OfShort NET_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NET_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NET_LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private SocketName() {}

    static int family(InetAddress address) {
        return address instanceof Inet6Address ? LibC.AF_INET6 : LibC.AF_INET;
    }

    /** Writes {@code address} at the beginning of {@code names}; the length that it has there. */
    static int write(InetSocketAddress address, MemorySegment names) {
        names.fill((byte) 0);
        names.set(JAVA_SHORT, 0, (short) family(address.getAddress()));
        names.set(NET_SHORT, PORT, (short) address.getPort());
        byte[] bytes = address.getAddress().getAddress();
        if (address.getAddress() instanceof Inet6Address v6) {
            MemorySegment.copy(bytes, 0, names, JAVA_BYTE, V6_ADDRESS, bytes.length);
            names.set(JAVA_INT, V6_SCOPE, v6.getScopeId());
            return V6_BYTES;
        }
        MemorySegment.copy(bytes, 0, names, JAVA_BYTE, V4_ADDRESS, bytes.length);
        return V4_BYTES;
    }

    /** The address of the name that begins at {@code at}. */
    static Address address(MemorySegment names, long at) {
        return names.get(JAVA_SHORT, at) == LibC.AF_INET
                ? Address.ofV4(names.get(NET_INT, at + V4_ADDRESS))
                : new Address(names.get(NET_LONG, at + V6_ADDRESS), names.get(NET_LONG, at + V6_ADDRESS + 8));
    }

    /** The port of the name that begins at {@code at}. */
    static int port(MemorySegment names, long at) {
        return Short.toUnsignedInt(names.get(NET_SHORT, at + PORT));
    }
}
