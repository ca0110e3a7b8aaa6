package io.shoal.tracker.swarms;

/** Why a peer announces (BEP 3, 21). The order is that of BEP 15's numbers. */
public enum Event {
    /** Regular, or one that we do not know. */
    NONE,
    COMPLETED,
    STARTED,
    STOPPED,
    /** A partial seed: has what it wants, not all there is (BEP 21). */
    PAUSED
}
