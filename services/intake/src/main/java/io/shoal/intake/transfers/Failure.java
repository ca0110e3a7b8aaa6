package io.shoal.intake.transfers;

/** Why a transfer was given up. */
public enum Failure {
    /** No peer had a magnet's metadata for 7 days, or the metadata that was kept for a blocked transfer is lost. */
    NO_METADATA,
    /** A magnet's metadata breaks a rule that a .torrent must keep too. */
    BAD_METADATA
}
