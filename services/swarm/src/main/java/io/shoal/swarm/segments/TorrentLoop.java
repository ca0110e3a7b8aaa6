package io.shoal.swarm.segments;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The loop of a torrent whose engine may not have started yet: earlier tasks wait, and run first. Any thread. */
final class TorrentLoop implements Executor {
    private final Queue<Runnable> early = new ArrayDeque<>(); // guarded by itself
    private volatile @Nullable Executor loop;

    /** The loop is known now; {@code first} runs before all waiting tasks. */
    void start(Executor known, Runnable first) {
        synchronized (early) {
            known.execute(first);
            early.forEach(known::execute);
            early.clear();
            loop = known;
        }
    }

    boolean isStarted() {
        return loop != null;
    }

    @Override
    public void execute(Runnable task) {
        Executor known = loop;
        if (known == null) {
            synchronized (early) {
                known = loop;
                if (known == null) {
                    early.add(task);
                    return;
                }
            }
        }
        known.execute(task);
    }
}
