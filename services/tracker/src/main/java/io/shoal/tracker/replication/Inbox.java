package io.shoal.tracker.replication;

import io.shoal.tracker.members.MemberChange;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.replication.ReplicationTraffic.Figure;
import io.shoal.tracker.swarms.Change;
import io.shoal.tracker.swarms.Swarms;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Takes frames into the swarms, each once and none of our own. One thread. */
final class Inbox {
    private final Swarms swarms;
    private final Members members;
    private final long sender;
    private final LongSupplier clock;
    private final ReplicationTraffic traffic;
    private final List<ReplayWindow> windows = new ArrayList<>();

    /**
     * @param sender of this process' own frames
     * @param clock milliseconds
     */
    Inbox(Swarms swarms, Members members, int partitions, long sender, LongSupplier clock, ReplicationTraffic traffic) {
        this.swarms = swarms;
        this.members = members;
        this.sender = sender;
        this.clock = clock;
        this.traffic = traffic;
        for (int partition = 0; partition < partitions; partition++) {
            windows.add(new ReplayWindow());
        }
    }

    /** {@code bytes} were read from {@code partition}. */
    void take(int partition, byte @Nullable [] bytes) throws BadFrameException {
        if (bytes == null) {
            throw new BadFrameException("a frame's value is missing");
        }
        if (bytes.length > 0 && bytes[0] == MemberFrame.VERSION) {
            take(MemberFrame.read(bytes));
            return;
        }
        Frame frame = Frame.read(bytes);
        if (frame.sender() == sender) {
            return;
        }
        if (!windows.get(partition).isFirst(frame.sender(), frame.sequence())) {
            traffic.count(Figure.FRAMES_REPEATED, 1);
            return;
        }
        long now = clock.getAsLong();
        int applied = 0;
        for (Change change : frame.changes()) {
            if (swarms.apply(change, now)) {
                applied++;
            }
        }
        told(applied, frame.changes().size());
        if (!frame.changes().isEmpty()) {
            traffic.lag(now - frame.changes().getFirst().at());
        }
    }

    private void take(MemberFrame frame) {
        if (frame.sender() == sender) {
            return;
        }
        long now = clock.getAsLong();
        int applied = 0;
        for (MemberChange change : frame.changes()) {
            if (members.apply(change, now)) {
                applied++;
            }
        }
        told(applied, frame.changes().size());
    }

    private void told(int applied, int of) {
        traffic.count(Figure.FRAMES_RECEIVED, 1);
        traffic.count(Figure.CHANGES_APPLIED, applied);
        traffic.count(Figure.CHANGES_IGNORED, of - applied);
    }
}
