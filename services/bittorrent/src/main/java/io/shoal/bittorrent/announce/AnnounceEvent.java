package io.shoal.bittorrent.announce;

/** Why a tracker is told. The order is that of the numbers in UDP announces (BEP 15). */
public enum AnnounceEvent {
    /** Because it is time. */
    NONE(""),
    /** Everything is downloaded now. */
    COMPLETED("completed"),
    /** A session begins. */
    STARTED("started"),
    /** The session ends. */
    STOPPED("stopped"),
    /** Nothing more is wanted, though not everything is there: a partial seed (BEP 21). Its number is de facto. */
    PAUSED("paused");

    private final String http;

    AnnounceEvent(String http) {
        this.http = http;
    }

    /** The value of {@code event=} in HTTP announces; empty if there is to be none. */
    public String http() {
        return http;
    }

    /** The number in UDP announces. */
    public int udp() {
        return ordinal();
    }
}
