package io.shoal.tracker.members;

/** What became of a member's announce. */
public enum AnnounceOutcome {
    ANSWERED,
    /** Answered, but not remembered: there is no room for more peers. */
    NOT_REMEMBERED,
    /** Refused: the user has the torrent at as many locations as allowed. */
    TOO_MANY_LOCATIONS
}
