package io.shoal.engine.session;

import io.shoal.bittorrent.PeerId;
import java.time.Duration;
import java.util.Arrays;

/**
 * Decides which of two connections to one peer is kept. When both sides dial at the same time, both must keep the same
 * one: the one that the lesser peer id dialled. An older connection is in use and is always kept.
 */
final class DuplicateConnection {
    /** Two dials that cross are both younger than this: a handshake and a round trip, generously. */
    static final Duration CROSSING = Duration.ofSeconds(20);

    /** The close reason of the connection that is not kept. */
    static final String REASON = "connected twice";

    private DuplicateConnection() {}

    /** Whether a new connection replaces one that was opened {@code ageNanos} ago. */
    static boolean replaces(
            PeerId ours, PeerId theirs, boolean olderIsIncoming, boolean newerIsIncoming, long ageNanos) {
        boolean weDial = Arrays.compareUnsigned(ours.bytes(), theirs.bytes()) < 0;
        return ageNanos < CROSSING.toNanos() && olderIsIncoming != newerIsIncoming && newerIsIncoming != weDial;
    }
}
