package io.shoal.engine.swarms;

import io.shoal.engine.limits.EngineLimits;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Strangers whose handshake is not done. There is room for so many, and for fewer of one address, so that nobody keeps all others
 * out by saying nothing. An IPv6 address counts by its first 64 bits, of which one household has all. Any thread.
 */
final class HandshakeLimiter {
    private final Map<InetAddress, Integer> waiting = new HashMap<>(); // guarded by this
    private int all; // guarded by this

    /** Whether there is room for one more from {@code address}; if so he is to {@link #leave}. */
    synchronized boolean enter(InetAddress address) {
        InetAddress household = household(address);
        if (all >= EngineLimits.HANDSHAKES
                || waiting.getOrDefault(household, 0) >= EngineLimits.HANDSHAKES_PER_ADDRESS) {
            return false;
        }
        all++;
        waiting.merge(household, 1, Integer::sum);
        return true;
    }

    synchronized void leave(InetAddress address) {
        all--;
        waiting.computeIfPresent(household(address), (from, count) -> count > 1 ? count - 1 : null);
    }

    private static InetAddress household(InetAddress address) {
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
