package io.shoal.tracker.udp;

import io.netty.buffer.ByteBuf;
import io.shoal.tracker.announce.PendingAnnounce;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The replies of one socket that wait for a registration, in the order in which their time ends. Their number is bounded by the
 * places that their announces hold. Any thread may {@link #wake} one; all else is confined to the socket's thread.
 */
final class DeferredReplies {
    private final Deque<Waiting> byDeadline = new ArrayDeque<>();
    private final Queue<Waiting> woken = new ConcurrentLinkedQueue<>();

    /** A reply and the announce that it waits for. */
    abstract static class Waiting extends DeferredReply {
        private @Nullable PendingAnnounce announce;
        private boolean finished;

        /** Writes the outcome of {@code announce}; returns false if it must still wait. */
        abstract boolean finish(PendingAnnounce announce, ByteBuf out);

        @Override
        protected final void write(ByteBuf out) {
            if (!finished && announce != null) {
                finished = finish(announce, out);
            }
        }

        @Override
        protected final void abandon() {
            finished = true;
            if (announce != null) {
                announce.abandon();
            }
        }
    }

    /** {@code reply} waits for {@code announce} from now on. */
    void add(Waiting reply, PendingAnnounce announce) {
        reply.announce = announce;
        byDeadline.add(reply);
    }

    /** {@code reply} is worth another try. Any thread may call. */
    void wake(Waiting reply) {
        woken.add(reply);
    }

    /** Removes and returns a reply that must be written or tried again; null if there is none now. */
    @Nullable
    DeferredReply next() {
        // Woken ones are few beside those that wait, and there are none where none waits.
        Waiting first = woken.poll();
        while (first != null && first.finished) {
            first = woken.poll();
        }
        if (first != null) {
            return first;
        }
        for (first = byDeadline.peek(); first != null; first = byDeadline.peek()) {
            if (first.finished || first.announce == null) {
                byDeadline.remove();
            } else if (first.announce.isOver()) {
                return byDeadline.remove();
            } else {
                return null;
            }
        }
        return null;
    }

    /** No reply is written any more. */
    void abandon() {
        byDeadline.forEach(Waiting::abandon);
        byDeadline.clear();
        woken.clear();
    }
}
