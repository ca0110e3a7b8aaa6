package io.shoal.bittorrent;

/** The bounds on everything that is parsed, each named once, with its reason. */
public final class Limits {
    /** A .torrent, in bytes: an info of 32 MiB plus v2 piece layers of the same size and room for trackers. */
    public static final int METAINFO_BYTES = 100 << 20;

    /** An info dictionary, in bytes: 2^20 pieces and 100,000 paths fit. */
    public static final int INFO_BYTES = 32 << 20;

    /** Files in a torrent: beyond that, listings and wishes no longer fit a Kafka record. */
    public static final int FILES = 100_000;

    /** Pieces in a torrent: bounds every bitmap to 256 KiB. */
    public static final int PIECES = 1 << 21;

    /** The shortest piece that is accepted. BEP 3 gives no bound; below this, hashes outweigh what they check. */
    public static final int PIECE_LENGTH_MIN = 1 << 10;

    /** The longest piece that we accept: eight segments must be open at once for it. */
    public static final int PIECE_LENGTH_MAX = 128 << 20;

    /** All bytes of a torrent. */
    public static final long TORRENT_BYTES = 16L << 40;

    /** Depth of nesting in bencode: metainfo needs 6. */
    public static final int BENCODE_DEPTH = 64;

    /**
     * Values in one bencoded message, a key counted as two and a dictionary as four more: 100,000 files of a hybrid
     * torrent weigh 2,400,000, and the heaviest input takes 200 MB of memory.
     */
    public static final int BENCODE_VALUES = 4_000_000;

    /** Trackers that are kept of a torrent or magnet; more are dropped. */
    public static final int TRACKERS = 64;

    /** Web seeds that are kept of a torrent or magnet; more are dropped. */
    public static final int WEB_SEEDS = 16;

    /** Bytes of a tracker's or web seed's URL in UTF-8. */
    public static final int URL_BYTES = 2_048;

    /** Bytes in UTF-8 of all trackers, web seeds and peers that are kept of a torrent: a quarter of a Kafka record. */
    public static final int SOURCES_BYTES = 128 << 10;

    /** Bytes of one component of a path in the metainfo. */
    public static final int PATH_COMPONENT_BYTES = 4_096;

    /** Components of a path. */
    public static final int PATH_DEPTH = 64;

    /** Characters of a magnet link. */
    public static final int MAGNET_CHARS = 16_384;

    private Limits() {}
}
