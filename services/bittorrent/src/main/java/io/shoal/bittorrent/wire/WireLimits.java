package io.shoal.bittorrent.wire;

import io.shoal.bittorrent.Limits;

/** Bounds on the messages of one peer, each with its reason. */
public final class WireLimits {
    /** Bytes of any message, including skipped ones: peers send nothing longer. */
    public static final int MESSAGE_BYTES = 1 << 20;

    /** Bytes of a received block: more is never requested. */
    public static final int BLOCK_BYTES = 16 << 10;

    /** Bytes that a peer may request at once. Clients request 16 KiB; some old ones request more, none over 128 KiB. */
    public static final int REQUEST_BYTES = 128 << 10;

    /** Bytes of a bitfield: one bit for each piece of the largest torrent. */
    public static final int BITFIELD_BYTES = Limits.PIECES / 8;

    /** Bytes of an extended message: a piece of metadata is 16 KiB and its dictionary, handshakes and PEX are shorter. */
    public static final int EXTENDED_BYTES = 64 << 10;

    /** Contacts of each field of a peer exchange message that are read: twice what any client sends at once. */
    public static final int PEX_CONTACTS = 200;

    private WireLimits() {}
}
