package io.shoal.engine.limits;

import io.shoal.engine.net.Loop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bytes per second of one direction, shared fairly: by the worker among owners, by an owner among its torrents, by a torrent
 * among its peers. Each level has a rate or none. Bytes are spent when they are granted, from all levels at once, and those who
 * wait take turns of one {@link #QUANTUM}, so no peer reads or sends in advance and the rate is kept over any second.
 *
 * <p>Shared by all loops; each call holds the lock for a short time. A level may be overdrawn by one quantum, which it pays back
 * before it grants again.
 */
public final class RateTree {
    /** Bytes of one turn: a block. */
    public static final int QUANTUM = 16 << 10;

    private static final long SECOND = 1_000_000_000L;
    private static final Duration TURN = Duration.ofMillis(10);

    private final Loop timer;
    private final Node root;
    private final Map<String, Node> owners = new HashMap<>();
    private boolean scheduled;

    /**
     * @param timer on which turns are given
     * @param bytesPerSecond of the whole worker; 0 for no limit
     */
    public RateTree(Loop timer, long bytesPerSecond) {
        this.timer = timer;
        this.root = new Node(null, bytesPerSecond, timer.nanoTime());
    }

    /** One who waits. */
    public interface Waiter {
        /** The loop on which {@link #granted} is called. */
        Loop loop();

        /** {@link #QUANTUM} bytes may flow. What is not used is given back with {@link Share#refund}. */
        void granted();
    }

    /** A level of the tree. Guarded by the tree. */
    private static final class Node {
        final @Nullable Node parent;
        final Deque<Node> children = new ArrayDeque<>();
        final Deque<Waiter> waiters = new ArrayDeque<>();
        long bytesPerSecond;
        long tokens;
        long filledAt;
        int shares;

        Node(@Nullable Node parent, long bytesPerSecond, long now) {
            this.parent = parent;
            this.bytesPerSecond = bytesPerSecond;
            this.filledAt = now;
        }

        boolean isWaiting() {
            return !children.isEmpty() || !waiters.isEmpty();
        }

        void setRate(long rate, long now) {
            if (bytesPerSecond == 0) {
                tokens = 0;
                filledAt = now;
            }
            bytesPerSecond = rate;
        }

        boolean hasTokens(long now) {
            if (bytesPerSecond == 0) {
                return true;
            }
            long passed = Math.min(now - filledAt, SECOND);
            long gained = (long) ((double) passed * bytesPerSecond / SECOND);
            if (gained > 0) {
                tokens = Math.min(Math.max(bytesPerSecond / 10, 1), tokens + gained);
                filledAt = now;
            }
            return tokens > 0;
        }
    }

    /** Returns a torrent's share of the rate of {@code owner}; to be closed. */
    public Share share(String owner) {
        synchronized (this) {
            long now = timer.nanoTime();
            Node of = owners.computeIfAbsent(owner, name -> new Node(root, 0, now));
            of.shares++;
            return new Share(owner, new Node(of, 0, now));
        }
    }

    /** What one torrent may use. */
    public final class Share implements AutoCloseable {
        private final String owner;
        private final Node leaf;
        private boolean closed;

        private Share(String owner, Node leaf) {
            this.owner = owner;
            this.leaf = leaf;
        }

        /** Sets the torrent's own rate; 0 for none. */
        public void setRate(long bytesPerSecond) {
            synchronized (RateTree.this) {
                leaf.setRate(bytesPerSecond, timer.nanoTime());
            }
        }

        /** Whether any level has a rate; otherwise grants need not be asked for. */
        public boolean isLimited() {
            synchronized (RateTree.this) {
                for (Node node = leaf; node != null; node = node.parent) {
                    if (node.bytesPerSecond != 0) {
                        return true;
                    }
                }
                return false;
            }
        }

        /** Takes a quantum at once, if every level has some left and no other waits for it. */
        public boolean tryTake() {
            synchronized (RateTree.this) {
                long now = timer.nanoTime();
                for (Node node = leaf; node != null; node = node.parent) {
                    if (node.isWaiting() && node.bytesPerSecond != 0 || !node.hasTokens(now)) {
                        return false;
                    }
                }
                spend(leaf, QUANTUM);
                return true;
            }
        }

        /** Queues {@code waiter} for a quantum. It must not be queued already. */
        public void await(Waiter waiter) {
            synchronized (RateTree.this) {
                if (!closed) {
                    enqueue(leaf, waiter);
                }
            }
        }

        /** Takes {@code waiter} out of the queue, if it still is there. */
        public void cancel(Waiter waiter) {
            synchronized (RateTree.this) {
                leaf.waiters.remove(waiter);
            }
        }

        /** Spends bytes that have flowed without a grant; negative to give back what was granted and not used. */
        public void charge(int bytes) {
            synchronized (RateTree.this) {
                spend(leaf, bytes);
            }
        }

        /** Gives back granted bytes that were not used. */
        public void refund(int bytes) {
            charge(-bytes);
        }

        @Override
        public void close() {
            synchronized (RateTree.this) {
                Node parent = leaf.parent;
                if (closed || parent == null) {
                    return;
                }
                closed = true;
                leaf.waiters.clear();
                parent.children.remove(leaf);
                if (--parent.shares == 0) {
                    root.children.remove(parent);
                    owners.remove(owner);
                }
            }
        }
    }

    private static void spend(Node leaf, int bytes) {
        for (Node node = leaf; node != null; node = node.parent) {
            if (node.bytesPerSecond != 0) {
                node.tokens -= bytes;
            }
        }
    }

    private void enqueue(Node leaf, Waiter waiter) {
        boolean linked = leaf.isWaiting();
        leaf.waiters.add(waiter);
        if (!linked) {
            link(leaf);
        }
        schedule();
    }

    /** Puts {@code node} behind its siblings that wait, and does the same with each level above that had none. */
    private static void link(Node node) {
        Node child = node;
        for (Node parent = child.parent; parent != null; parent = child.parent) {
            boolean linked = parent.isWaiting();
            parent.children.add(child);
            if (linked) {
                return;
            }
            child = parent;
        }
    }

    private void schedule() {
        if (!scheduled && root.isWaiting()) {
            scheduled = true;
            timer.schedule(TURN, this::giveTurns);
        }
    }

    private void giveTurns() {
        List<Waiter> granted = new ArrayList<>();
        synchronized (this) {
            scheduled = false;
            long now = timer.nanoTime();
            List<Node> empty = new ArrayList<>();
            for (Waiter next = next(root, now, empty); next != null; next = next(root, now, empty)) {
                granted.add(next);
            }
            empty.forEach(RateTree::link);
            schedule();
        }
        granted.forEach(waiter -> waiter.loop().execute(waiter::granted));
    }

    /**
     * The next whose turn it is below {@code node}; null if no level has anything left. Levels without tokens are moved to {@code
     * empty}, so that each is looked at once.
     */
    private static @Nullable Waiter next(Node node, long now, List<Node> empty) {
        if (!node.hasTokens(now)) {
            return null;
        }
        Waiter waiter = node.waiters.poll();
        if (waiter != null) {
            spend(node, QUANTUM);
            return waiter;
        }
        while (!node.children.isEmpty()) {
            Node child = node.children.remove();
            Waiter found = next(child, now, empty);
            if (found == null) {
                if (child.isWaiting()) {
                    empty.add(child);
                }
                continue;
            }
            if (child.isWaiting()) {
                node.children.add(child);
            }
            return found;
        }
        return null;
    }
}
