package io.shoal.engine.announce;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Resolves names with the resolver of the system, which blocks: on threads of its own, a bounded number at once. */
final class NameResolver {
    /** Bounds the threads that a hanging resolver can hold. */
    private static final Semaphore LOOKUPS = new Semaphore(32);

    private NameResolver() {}

    /**
     * Resolves {@code host}, a name or a literal. {@code found} is called on {@code loop} with the addresses, IPv4
     * first because most peers have it; with an empty list if there are none. It is not called when the loop has shut
     * down.
     */
    static void resolve(String host, EventLoop loop, Consumer<List<InetAddress>> found) {
        Thread.ofVirtual().name("tracker-name").start(() -> {
            List<InetAddress> addresses = lookUp(host);
            try {
                loop.execute(() -> found.accept(addresses));
            } catch (RejectedExecutionException e) {
                // The client was closed meanwhile and has completed its announces.
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
