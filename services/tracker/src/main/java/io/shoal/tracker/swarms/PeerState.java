package io.shoal.tracker.swarms;

import java.util.List;

/** What a peer is to its swarm. */
public enum PeerState {
    /** A leech that wants something. */
    ACTIVE(Swarm.ACTIVE),
    /** A partial seed (BEP 21). */
    PAUSED(Swarm.PAUSED),
    SEED(Swarm.SEED),
    /** It left. */
    STOPPED(Swarm.STOPPED);

    private static final List<PeerState> BY_CODE = List.of(values());

    private final int code;

    PeerState(int code) {
        this.code = code;
    }

    /** Its number in slots and frames, 0 to 3. */
    public int code() {
        return code;
    }

    /** The one with this number, 0 to 3. */
    public static PeerState of(int code) {
        return BY_CODE.get(code);
    }
}
