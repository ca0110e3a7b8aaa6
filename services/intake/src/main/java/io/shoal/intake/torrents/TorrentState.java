package io.shoal.intake.torrents;

/** The states of one life of a torrent. Purged, the last, is not among them: nothing is known of the torrent then. */
public enum TorrentState {
    /** Some transfer has it. */
    LIVE,
    /** No transfer has it any more; all is kept for a while, in case that one comes back. */
    ORPHANED,
    /** Its objects are being deleted. A transfer that comes now starts the next generation. */
    REMOVED
}
