package io.shoal.intake.progress;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a transfer, in bytes.
 *
 * @param wanted bytes of the segments that it takes
 * @param stored of these, the bytes that the store has acknowledged
 * @param verified of these, the bytes that are verified at least: other transfers may want more of the torrent
 * @param segments that are stored of its torrent
 * @param down payload that its torrent received
 * @param up payload that its torrent sent since the transfer joined
 * @param live rates, peers and owner; null if no worker has it
 * @param stale whether more may have happened, because the fleet's reports cannot be read at present, or
 *     the worker has not reported in time
 */
public record Progress(
        long wanted,
        long stored,
        long verified,
        BitSet segments,
        long down,
        long up,
        @Nullable LiveSlice live,
        boolean stale) {}
