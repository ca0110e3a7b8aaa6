package io.shoal.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Looks names up with the system's resolver, which blocks: on virtual threads, a bounded number at once, so that a resolver that
 * hangs does not gather threads without end.
 */
public final class NameResolver {
    private static final Semaphore LOOKUPS = new Semaphore(32);

    private NameResolver() {}

    /**
     * Looks up {@code host}, a name or a literal, and passes its addresses to {@code found} on {@code executor}: IPv4 first, because
     * most peers have that; none if there are none. Does nothing more once the executor has shut down.
     */
    public static void resolve(String host, Executor executor, Consumer<List<InetAddress>> found) {
        Thread.ofVirtual().name("name-lookup").start(() -> {
            List<InetAddress> addresses = lookUp(host);
            try {
                executor.execute(() -> found.accept(addresses));
            } catch (RejectedExecutionException e) {
                // The caller has shut down its loop, and ended what waited on it.
            }
        });
    }

    private static List<InetAddress> lookUp(String host) {
        LOOKUPS.acquireUninterruptibly();
        try {
            List<InetAddress> addresses = new ArrayList<>(List.of(InetAddress.getAllByName(host)));
            addresses.sort(Comparator.comparingInt(address -> address.getAddress().length));
            return addresses;
        } catch (UnknownHostException e) {
            return List.of();
        } finally {
            LOOKUPS.release();
        }
    }
}
