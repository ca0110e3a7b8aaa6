package io.shoal.intake.torrents;

/** What workers have reported of torrents so far. The counters of {@link Torrent} are up to a minute older. */
public interface LiveTotals {
    /** Returns the payload bytes that the torrent has sent in its generation. */
    long up(Torrent torrent);
}
