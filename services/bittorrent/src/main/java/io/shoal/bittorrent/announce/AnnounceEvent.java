package io.shoal.bittorrent.announce;

/** Why a tracker is told. */
public enum AnnounceEvent {
    /** Because it is time. */
    NONE(0, ""),
    /** Everything is downloaded now. */
    COMPLETED(1, "completed"),
    /** A session begins. */
    STARTED(2, "started"),
    /** The session ends. */
    STOPPED(3, "stopped"),
    /** Nothing more is wanted, though not everything is there: a partial seed (BEP 21). Its number is de facto. */
    PAUSED(4, "paused");

    private final int udp;
    private final String http;

    AnnounceEvent(int udp, String http) {
        this.udp = udp;
        this.http = http;
    }

    /** The value of {@code event=} in HTTP announces; empty if there is to be none. */
    public String http() {
        return http;
    }

    /** The number in UDP announces (BEP 15). */
    public int udp() {
        return udp;
    }
}
