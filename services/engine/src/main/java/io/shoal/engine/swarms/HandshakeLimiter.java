package io.shoal.engine.swarms;

import io.shoal.engine.limits.EngineLimits;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds the incoming connections whose handshake is not complete: in all, and for one address, so that peers that send
 * nothing cannot keep others out. An IPv6 address counts by its first 64 bits, because one household has all of them.
 * Any thread.
 */
final class HandshakeLimiter {
    private final Map<InetAddress, Integer> perPrefix = new HashMap<>(); // guarded by this
    private int total; // guarded by this

    /** Whether one more connection from {@code address} is accepted; if so it must be {@link #release released}. */
    synchronized boolean tryAcquire(InetAddress address) {
        InetAddress prefix = prefix(address);
        if (total >= EngineLimits.HANDSHAKES
                || perPrefix.getOrDefault(prefix, 0) >= EngineLimits.HANDSHAKES_PER_ADDRESS) {
            return false;
        }
        total++;
        perPrefix.merge(prefix, 1, Integer::sum);
        return true;
    }

    synchronized void release(InetAddress address) {
        total--;
        perPrefix.computeIfPresent(prefix(address), (from, count) -> count > 1 ? count - 1 : null);
    }

    private static InetAddress prefix(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOf(Arrays.copyOf(address.getAddress(), 8), 16));
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }
}
