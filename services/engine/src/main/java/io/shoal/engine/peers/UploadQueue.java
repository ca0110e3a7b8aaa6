package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.store.Store;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The requests of one peer that have not been answered. Requests for adjacent blocks are read from the store at once;
 * no more is read ahead than the connection soon sends.
 */
final class UploadQueue {
    private final TorrentContext context;
    private final Peer peer;
    private final SendThrottle throttle;
    private final Deque<Request> queue = new ArrayDeque<>();
    private int reading;
    private boolean pumping;

    /** Incremented when all requests become void, so that reads that complete later are not sent. */
    private int epoch;

    private record Request(int piece, int begin, int length) {
        boolean isFollowedBy(Request next) {
            return next.piece == piece && next.begin == begin + length;
        }
    }

    UploadQueue(TorrentContext context, Peer peer, SendThrottle throttle) {
        this.context = context;
        this.peer = peer;
        this.throttle = throttle;
    }

    /** Queues a request, unless the queue has the length that was announced to the peer. */
    void add(int piece, int begin, int length) {
        if (queue.size() < EngineLimits.REQUESTS_QUEUED) {
            queue.add(new Request(piece, begin, length));
        }
    }

    void cancel(int piece, int begin, int length) {
        queue.remove(new Request(piece, begin, length));
    }

    /** Drops all requests. */
    void clear() {
        queue.clear();
        epoch++;
    }

    /**
     * Reads what can be sent now. A store that answers at once calls this recursively: the outer loop continues
     * instead.
     */
    void pump() {
        if (!pumping) {
            pumping = true;
            try {
                readAvailable();
            } finally {
                pumping = false;
            }
        }
    }

    private void readAvailable() {
        for (Request first = queue.peek();
                first != null && reading < EngineLimits.READ_AHEAD_BYTES && peer.canSendPayload();
                first = queue.peek()) {
            if (!throttle.takeBlock(first.length)) {
                return; // the peer is resumed when it is granted one
            }
            read(nextRun(throttle.isLimited() ? 0 : EngineLimits.READ_BYTES));
        }
    }

    /** Takes the first request, and those that follow it without a gap while they are {@code most} bytes together. */
    private List<Request> nextRun(int most) {
        List<Request> run = new ArrayList<>();
        Request last = queue.remove();
        int bytes = last.length;
        run.add(last);
        for (Request next = queue.peek();
                next != null && last.isFollowedBy(next) && bytes + next.length <= most;
                next = queue.peek()) {
            queue.remove();
            run.add(next);
            bytes += next.length;
            last = next;
        }
        return run;
    }

    private void read(List<Request> run) {
        Request first = run.getFirst();
        Request last = run.getLast();
        int length = last.begin + last.length - first.begin;
        int startedIn = epoch;
        reading += length;
        context.store().read(first.piece, first.begin, length, new Store.Reader() {
            @Override
            public void done(ByteBuf bytes) {
                assert context.loop().isCurrent() : "a store answers on the torrent's loop";
                reading -= length;
                try {
                    if (startedIn == epoch) {
                        send(run, bytes);
                    } else {
                        throttle.giveBack(length);
                    }
                } finally {
                    bytes.release();
                }
            }

            @Override
            public void failed(Throwable cause) {
                reading -= length;
                throttle.giveBack(length);
                if (startedIn == epoch) {
                    peer.readFailed();
                }
            }
        });
    }

    private void send(List<Request> run, ByteBuf bytes) {
        for (Request request : run) {
            peer.sendBlock(request.piece, request.begin, bytes.readRetainedSlice(request.length));
        }
        peer.flush();
        pump();
    }
}
