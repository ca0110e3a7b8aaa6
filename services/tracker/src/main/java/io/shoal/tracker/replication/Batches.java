package io.shoal.tracker.replication;

import io.shoal.tracker.members.Members;
import io.shoal.tracker.swarms.Change;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.swarms.Swarms;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Makes frames of what the swarms tell: a swarm's changes are all in one partition, so its order is kept. One thread. */
final class Batches {
    private final FrameWriter[] writers;
    private final int replica;
    private final long sender;
    private final LongSupplier clock;
    private final Sink sink;

    /** Takes frames. */
    interface Sink {
        /** {@code changes} is how many are in it. */
        void send(int partition, byte[] frame, int changes);
    }

    /**
     * @param sender see {@link Frame}
     * @param clock milliseconds
     */
    Batches(int partitions, int replica, long sender, LongSupplier clock, Sink sink) {
        this.replica = replica;
        this.sender = sender;
        this.clock = clock;
        this.sink = sink;
        this.writers = new FrameWriter[partitions];
        for (int partition = 0; partition < partitions; partition++) {
            writers[partition] = new FrameWriter(replica, sender);
        }
    }

    /** Sends what {@code swarms} have to tell; returns how many changes were lost on the way for lack of room. */
    int send(Swarms swarms) {
        int lost = swarms.drain(this::add);
        for (int partition = 0; partition < writers.length; partition++) {
            if (writers[partition].changes() > 0) {
                close(partition);
            }
        }
        return lost;
    }

    /** Sends what {@code members} have to tell. */
    void send(Members members) {
        members.drain().stream()
                .collect(Collectors.groupingBy(change -> partition(change.torrent(), writers.length)))
                .forEach((partition, changes) -> MemberFrame.write(replica, sender, changes)
                        .forEach(frame -> sink.send(partition, frame, changes.size())));
    }

    private void add(Change change) {
        int partition = partition(change.torrent(), writers.length);
        writers[partition].add(change);
        if (writers[partition].isFull()) {
            close(partition);
        }
    }

    private void close(int partition) {
        int changes = writers[partition].changes();
        sink.send(partition, writers[partition].close(clock.getAsLong()), changes);
    }

    /** The partition that has the swarm of {@code torrent}: the same in every process. */
    static int partition(SwarmKey torrent, int partitions) {
        long hash = (torrent.first() ^ Long.rotateLeft(torrent.second(), 32) ^ torrent.last()) * 0x9E3779B97F4A7C15L;
        return (int) Long.remainderUnsigned(hash >>> 32, partitions);
    }
}
