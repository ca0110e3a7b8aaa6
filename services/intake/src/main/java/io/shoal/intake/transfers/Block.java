package io.shoal.intake.transfers;

/** Why a transfer is {@link TransferState#BLOCKED}. */
public enum Block {
    /** The operator denies the torrent, or did when the transfer was blocked. */
    DENIED,
    /** The operator has suspended the tenant. */
    SUSPENDED,
    /** Its files do not fit into what the tenant may still store. */
    QUOTA
}
