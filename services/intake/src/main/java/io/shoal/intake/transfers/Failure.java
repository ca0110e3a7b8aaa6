package io.shoal.intake.transfers;

/** Why a transfer was given up. */
public enum Failure {
    /** Nobody had a magnet's metadata for 7 days. */
    NO_METADATA,
    /** A magnet's metadata breaks a rule that a .torrent must keep too. */
    BAD_METADATA
}
