package io.shoal.engine.metadata;

import io.shoal.bittorrent.wire.MetadataMessage;
import java.time.Duration;
import java.util.Arrays;

/**
 * Sends the info dictionary to one peer (BEP 9). Private torrents reject every request: their tracker decides who may
 * have it. A peer may request all pieces twice at once, and then one piece a second: enough for a peer that lost the
 * first copy, and too little for amplification.
 */
public final class MetadataServing {
    private static final long REFILL_NANOS = Duration.ofSeconds(1).toNanos();

    private final byte[] info;
    private final boolean isPrivate;
    private final int burst;
    private int tokens;
    private long refilled;

    /**
     * @param info the info dictionary, which is not copied: several peers share it
     * @param now of the loop's clock, in nanoseconds
     */
    public MetadataServing(byte[] info, boolean isPrivate, long now) {
        this.info = info;
        this.isPrivate = isPrivate;
        this.burst = 2 * pieces();
        this.tokens = burst;
        this.refilled = now;
    }

    /** Returns the answer to a request. */
    public MetadataMessage answer(MetadataMessage.Request request, long now) {
        long earned = (now - refilled) / REFILL_NANOS;
        refilled += earned * REFILL_NANOS;
        tokens = (int) Math.min(burst, tokens + earned);
        if (isPrivate || request.piece() >= pieces() || tokens == 0) {
            return new MetadataMessage.Reject(request.piece());
        }
        tokens--;
        int from = request.piece() * MetadataMessage.PIECE;
        int to = Math.min(info.length, from + MetadataMessage.PIECE);
        return new MetadataMessage.Data(request.piece(), info.length, Arrays.copyOfRange(info, from, to));
    }

    private int pieces() {
        return (info.length + MetadataMessage.PIECE - 1) / MetadataMessage.PIECE;
    }
}
