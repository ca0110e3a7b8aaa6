package io.shoal.engine.webseeds;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One web seed of one torrent (BEP 19): is asked for blocks like a seed, and gets them with as few HTTP requests as their order allows. A
 * failure makes it pause ({@link Backoff}); a server that has another file, does not know ranges where they are needed, or lies, is not asked again.
 *
 * <p>Invariant: while it is not in use, no block is requested from it, and it has no connection. Confined to the torrent's loop.
 */
public final class WebSeed {
    private final Pieces pieces;
    private final SourceUrl url;
    private final FileRanges ranges;
    private final Context context;
    private final Listener listener;
    private final ReceivingPace pace;
    private final BlockQueue queue;
    private final Backoff backoff = new Backoff();
    private final Throughput throughput = new Throughput();

    private RangeClient.@Nullable Requests requests;
    private @Nullable RangeAnswer answer;
    private boolean isScheduled;
    private boolean isExcluded;
    private long usableAt;
    private String code = Codes.WAITING;

    /** Whether the server has answered with a range. */
    private boolean knowsRanges;

    /** Whether it has answered with a whole file when asked for a range. */
    private boolean ignoresRanges;

    /** One past the last byte that was requested; -1 at the beginning, and after a failure. */
    private long requestedTo = -1;

    /** The torrent as its web seeds see it. */
    public interface Context {
        Loop loop();

        /** Whether payload may be received now: the store keeps up. */
        boolean mayReceive();

        /** The torrent's share of the download rate. */
        Share downShare();

        /** Payload was received. */
        void countReceived(int bytes);

        /** Returns what sends requests on the torrent's loop. */
        RangeClient.Requests openRequests();
    }

    /** Is notified of one web seed, on the torrent's loop. */
    public interface Listener {
        /** {@link #toRequest} may be more than 0 now. */
        void ready();

        /** @param data belongs to the listener, which must release it */
        void block(int piece, int block, ByteBuf data);

        /** All bytes that arrived at once have been handled. */
        void readComplete();

        /** It is not in use any more: it sends no outstanding block, and pauses, or is excluded. */
        void failed();
    }

    /** What its state is called. A failure of the connection has the name of {@link io.shoal.egress.http.FetchFailure}. */
    public static final class Codes {
        /** It was not needed so far. */
        public static final String WAITING = "waiting";

        /** Its last answer was complete. */
        public static final String OK = "ok";

        /** It does not know ranges, and one was needed. Not asked again. */
        public static final String NO_RANGE = "no-range";

        /** Its file is of another length. Not asked again. */
        public static final String WRONG_SIZE = "wrong-size";

        /** It has sent wrong data. Not asked again. */
        public static final String LIED = "lied";

        /** It does not have the file (404, 410). */
        public static final String NOT_FOUND = "not-found";

        /** Access is refused (401, 403). */
        public static final String REFUSED = "refused";

        /** Its answer has fewer bytes than asked for. */
        public static final String SHORT = "short";

        /** A fault of ours, which the log names. */
        public static final String INTERNAL = "internal";

        private Codes() {}
    }

    /** @param url from the torrent's own list */
    public WebSeed(Info info, SourceUrl url, Context context, Listener listener) {
        this.pieces = info.pieces();
        this.url = url;
        this.ranges = new FileRanges(info, url);
        this.context = context;
        this.listener = listener;
        this.queue = new BlockQueue(pieces);
        this.pace = new ReceivingPace(context.loop(), context.downShare(), context::mayReceive, this::paceChanged);
    }

    // ---- State

    /** Returns the server's name. */
    public String host() {
        return url.host();
    }

    /** Returns one of {@link Codes}, or a failure. */
    public String code() {
        return code;
    }

    /** Whether it may be used now. */
    public boolean isUsable() {
        return !isExcluded && context.loop().nanoTime() - usableAt >= 0;
    }

    /** Whether it is never used again. */
    public boolean isExcluded() {
        return isExcluded;
    }

    public boolean isInUse() {
        return requests != null;
    }

    /** Whether nothing is requested from it now. */
    public boolean isIdle() {
        return answer == null && queue.isEmpty();
    }

    /** Returns the payload received from it. */
    public long downloaded() {
        return throughput.total();
    }

    /** Returns bytes per second, while it was asked last; 0 if it was never. */
    public long rate() {
        return throughput.perSecond();
    }

    /** Returns how many blocks should be requested now. */
    public int toRequest() {
        return isInUse() && queue.isEmpty() ? throughput.runBlocks() : 0;
    }

    /** Returns the piece with which the next run should begin, to continue the last one; -1 if there is none. */
    public int nextPiece() {
        return requestedTo < 0 || requestedTo >= pieces.total() ? -1 : pieces.at(requestedTo);
    }

    /** Whether only a run that continues the last one is of use: the server is sending the rest of a file. */
    public boolean mustContinue() {
        return answer != null && answer.isStreaming();
    }

    /** Whether runs should follow one another from the first piece on: the server is not known to know ranges. */
    public boolean isSequential() {
        return !knowsRanges;
    }

    // ---- Use

    /** Begins to use it. Blocks may be requested at once. */
    public void use() {
        if (!isInUse()) {
            requests = context.openRequests();
        }
    }

    /** Ends the use: no requested block is sent. */
    public void release() {
        RangeClient.Requests open = requests;
        if (open == null) {
            return;
        }
        cancelAll();
        requests = null;
        pace.end();
        open.close();
    }

    /** It has sent wrong data. */
    public void ban() {
        exclude(Codes.LIED);
    }

    /** Requests a block; the request is sent by {@link #flush}. */
    public void request(int piece, int block) {
        if (isInUse()) {
            queue.add(piece, block);
            requestedTo = queue.end();
        }
    }

    /** Sends what was requested, soon: the caller may be in the middle of handling a block. */
    public void flush() {
        if (!isScheduled && isInUse() && answer == null && !queue.isEmpty()) {
            isScheduled = true;
            context.loop().execute(() -> {
                isScheduled = false;
                sendNext();
            });
        }
    }

    /** Sends a request for what comes next, unless the server is answering one. */
    private void sendNext() {
        if (isInUse() && answer == null && !pace.isPaused() && !queue.isEmpty()) {
            get(ranges.first(queue.position(), queue.contiguousEnd()));
            flush(); // what follows zeros; later, because a torrent may have any number of them
        }
    }

    private void get(FileRange range) {
        SourceUrl file = range.url();
        RangeClient.Requests open = requests;
        if (file == null) {
            queue.fillZeros(range.length(), listener::block);
            pace.received(0);
            listener.readComplete();
        } else if (ignoresRanges && range.offset() > 0) {
            exclude(Codes.NO_RANGE);
        } else if (open != null) {
            answer = RangeAnswer.request(range, file, queue, open, context.loop(), new AnswerEvents());
        }
    }

    /** The block is not wanted any more. */
    public void cancel(int piece, int block) {
        RangeAnswer current = answer;
        if (current == null) {
            queue.remove(piece, block);
        } else if (queue.cancel(piece, block, current.end()) && queue.isCancelledTo(current.end())) {
            queue.dropTo(current.end());
            endAnswer();
            flush();
        }
    }

    /** No requested block is wanted any more. */
    public void cancelAll() {
        queue.clear();
        endAnswer();
    }

    private void endAnswer() {
        RangeAnswer current = answer;
        if (current != null) {
            answer = null;
            current.abandon();
        }
    }

    private void paceChanged() {
        if (answer != null) {
            answer.setReading(!pace.isPaused());
        }
        sendNext();
    }

    /** Must be called about once a second. */
    public void tick() {
        throughput.tick(context.loop().nanoTime(), answer != null && !pace.isPaused());
        if (answer != null && !pace.isPaused() && answer.isSilent()) {
            fail("timeout", WebSeedLimits.PAUSE, Duration.ZERO);
        }
    }

    // ---- Failures

    private void fail(String why, Duration pause, Duration retryAfter) {
        usableAt = context.loop().nanoTime() + backoff.failed(pause, retryAfter).toNanos();
        end(why);
    }

    private void exclude(String why) {
        isExcluded = true;
        end(why);
    }

    private void end(String why) {
        code = why;
        requestedTo = -1;
        if (isInUse()) {
            release();
            listener.failed();
        }
    }

    private final class AnswerEvents implements RangeAnswer.Listener {
        @Override
        public void begun(boolean isRange) {
            knowsRanges |= isRange;
            ignoresRanges = !isRange;
        }

        @Override
        public void block(int piece, int block, ByteBuf data) {
            listener.block(piece, block, data);
        }

        @Override
        public void received(int bytes) {
            throughput.add(bytes);
            context.countReceived(bytes);
            if (isInUse()) {
                pace.received(bytes);
            }
            listener.readComplete();
            flush();
        }

        @Override
        public void exhausted() {
            listener.ready();
        }

        @Override
        public void completed() {
            answer = null;
            backoff.succeeded();
            code = Codes.OK;
            sendNext();
            if (queue.isEmpty()) {
                listener.ready();
            }
        }

        @Override
        public void failed(String why, boolean isRefusal, Duration retryAfter) {
            answer = null;
            fail(why, isRefusal ? WebSeedLimits.PAUSE_REFUSED : WebSeedLimits.PAUSE, retryAfter);
        }

        @Override
        public void unusable(String why) {
            answer = null;
            exclude(why);
        }
    }
}
