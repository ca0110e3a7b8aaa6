package io.shoal.bittorrent.wire;

import io.shoal.bittorrent.Limits;

/** Bounds on what one peer may say at once, each with its reason. */
public final class WireLimits {
    /** Bytes of any message, also of one that is skipped: nothing that peers say is longer. */
    public static final int MESSAGE_BYTES = 1 << 20;

    /** Bytes of a block that is sent to us: we never ask for more. */
    public static final int BLOCK_BYTES = 16 << 10;

    /** Bytes that a peer may ask for at once. Clients ask for 16 KiB; some old ones ask for more, none for over 128 KiB. */
    public static final int REQUEST_BYTES = 128 << 10;

    /** Bytes of a bitfield: one bit for each piece of the largest torrent. */
    public static final int BITFIELD_BYTES = Limits.PIECES / 8;

    /** Bytes of an extended message: a piece of metadata is 16 KiB and its dictionary, handshakes and PEX are shorter. */
    public static final int EXTENDED_BYTES = 64 << 10;

    private WireLimits() {}
}
