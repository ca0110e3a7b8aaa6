package io.shoal.bittorrent.announce;

/** The event of an announce. */
public enum AnnounceEvent {
    /** A regular announce. */
    NONE(0, ""),
    /** The download has completed. */
    COMPLETED(1, "completed"),
    /** A session starts. */
    STARTED(2, "started"),
    /** The session ends. */
    STOPPED(3, "stopped"),
    /**
     * Nothing more is wanted, although not everything is there: a partial seed (BEP 21). Its number is a de facto
     * standard.
     */
    PAUSED(4, "paused");

    private final int udp;
    private final String http;

    AnnounceEvent(int udp, String http) {
        this.udp = udp;
        this.http = http;
    }

    /** The value of {@code event=} in HTTP announces; empty for none. */
    public String http() {
        return http;
    }

    /** The number in UDP announces (BEP 15). */
    public int udp() {
        return udp;
    }
}
