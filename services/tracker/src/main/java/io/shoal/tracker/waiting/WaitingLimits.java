package io.shoal.tracker.waiting;

import java.time.Duration;

/**
 * Bounds on announces that wait.
 *
 * @param all of both protocols together
 * @param perAddress of one IPv4 address or IPv6 /64
 * @param perTorrent of one info-hash
 * @param time after which an announce is refused; zero if none is to wait
 */
public record WaitingLimits(int all, int perAddress, int perTorrent, Duration time) {
    /** Enough for every client of a torrent that was shared a moment ago, and at most some megabytes. */
    public static WaitingLimits usual(Duration time) {
        return new WaitingLimits(4_096, 8, 64, time);
    }
}
