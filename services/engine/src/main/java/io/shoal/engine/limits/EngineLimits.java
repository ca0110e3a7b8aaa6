package io.shoal.engine.limits;

import java.time.Duration;

/** Every bound on peers and on the state kept for them, named once, with its reason. */
public final class EngineLimits {
    /** Peers of one torrent, including those being dialled: more do not make it faster, and each costs memory. */
    public static final int PEERS_PER_TORRENT = 500;

    /**
     * Siblings of the same engine to which a torrent connects: enough for pieces to spread in two steps among some
     * hundred. Torrents that connect later may double the number.
     */
    public static final int SIBLINGS_PER_TORRENT = 16;

    /** Addresses that a torrent's trackers named and that it remembers, for peers that arrive on a shared port. */
    public static final int NAMED_ADDRESSES = 4_000;

    /** Peers of one engine: 4,000 sockets with their queues fit a worker's memory. */
    public static final int PEERS_PER_ENGINE = 4_000;

    /** Seats that a torrent keeps while torrents of other owners have as many: enough to find all pieces of a swarm. */
    public static final int SEATS_FLOOR = 10;

    /** Peers of one torrent from one address: households share an address, floods do too. */
    public static final int PEERS_PER_ADDRESS = 3;

    /** Connections of one engine whose handshake is not complete: what unknown peers can hold open. */
    public static final int HANDSHAKES = 500;

    /** The same from one address: a tenth of all, more than a household or a proxy ever has at once. */
    public static final int HANDSHAKES_PER_ADDRESS = 50;

    /**
     * Key exchanges of one engine that wait to be calculated, in each direction: about 100 ms of one worker. A burst that
     * is larger is no swarm that begins, and the peers come again.
     */
    public static final int KEY_EXCHANGES = 128;

    /** Addresses that sent wrong metadata of a torrent and stay banned; above that the oldest is forgotten. */
    public static final int LIARS = 1 << 12;

    /**
     * Metadata sizes of a torrent whose failures are remembered; above that, only those of sizes that are offered now.
     */
    public static final int METADATA_SIZES = 1 << 10;

    /** Peers of one torrent that are being dialled at once: routers choke on more. */
    public static final int DIALS_PER_TORRENT = 30;

    /** Dials of one engine in a second: what other clients do. */
    public static final int DIALS_PER_SECOND = 30;

    /** Dials of one engine that are not open yet: a second's dials, each until its time-out. */
    public static final int DIALS_HALF_OPEN = 500;

    /** From this many peers on the torrent dials no more, and leaves slots to incoming peers. */
    public static final int DIAL_BELOW = 200;

    /** The same for a torrent that needs no pieces: peers that want some dial it. */
    public static final int SEED_DIAL_BELOW = 40;

    /** Addresses of one torrent that wait to be dialled: as many as several tracker replies have. */
    public static final int CANDIDATES = 2_000;

    /** The same of one engine: about 200 bytes each. */
    public static final int CANDIDATES_PER_ENGINE = 100_000;

    /**
     * Candidates of one torrent that only other peers have named: half, so that the addresses that trackers name always
     * have room.
     */
    public static final int CANDIDATES_EXCHANGED = CANDIDATES / 2;

    /** With so many candidates of the engine none is added that only other peers have named, for the same reason. */
    public static final int CANDIDATES_EXCHANGED_PER_ENGINE = CANDIDATES_PER_ENGINE / 2;

    /** Addresses that a torrent may keep whatever the others keep: as many as one tracker reply has. */
    public static final int CANDIDATES_FLOOR = 50;

    /**
     * Addresses of peers that were disconnected because neither side wanted anything: enough to start with again; above
     * that the oldest is forgotten.
     */
    public static final int IDLE_ADDRESSES = 100;

    /** From an open connection to the peer's complete handshake. */
    public static final Duration HANDSHAKE = Duration.ofSeconds(10);

    /** A peer that sends no byte for this long is closed; clients send keep-alives every two minutes (BEP 3). */
    public static final Duration SILENCE = Duration.ofSeconds(150);

    /** A keep-alive is sent after this long without a message: half of what the least patient client waits. */
    public static final Duration KEEP_ALIVE = Duration.ofSeconds(60);

    /** A peer that sends no requested block for this long is snubbed: its blocks are requested from others. */
    public static final Duration SNUBBED = Duration.ofSeconds(30);

    /** Clients choke a peer that they have unchoked not before several seconds have passed. */
    public static final Duration CHOKE_ROUND = Duration.ofSeconds(5);

    /** A peer that is snubbed so often, without a block in between, is closed: after five minutes. */
    public static final int SNUBS = 10;

    /**
     * A request is late if it is older than this, and than {@link #REQUEST_QUEUE_TIMES} times the peer's answers take.
     */
    public static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    /** As much for a peer of this process, which answers at once unless its rate is limited or its store is slow. */
    public static final Duration LOCAL_REQUEST_TIMEOUT = Duration.ofSeconds(5);

    /** See {@link #REQUEST_TIMEOUT}: answers of busy peers vary that much. */
    public static final int REQUEST_QUEUE_TIMES = 4;

    /**
     * A request is late when the peer has answered so many later ones, and as many as are outstanding: peers that read
     * from disk with several threads answer out of order, but not by that much.
     */
    public static final int OVERTAKEN_REQUESTS = 32;

    /** A block whose request is late is not requested from the same peer again for so long: others have it first. */
    public static final Duration LATE_REQUEST = Duration.ofSeconds(20);

    /**
     * Connections on which neither side is interested are closed after this long, if connections are scarce: a peer
     * that has nothing new now may have it later.
     */
    public static final Duration IDLE = Duration.ofMinutes(10);

    /** Connections are scarce from this part of {@link #PEERS_PER_ENGINE} or {@link #PEERS_PER_TORRENT} on. */
    public static final int SCARCE_PERCENT = 90;

    /**
     * Peers of one engine that are unchoked at once, unless its torrents have too many for their floors: at half a MiB
     * that is read ahead for each, and a stored MiB that slow ones read again and again.
     */
    public static final int UPLOAD_SLOTS = 1_000;

    /** Requests that are queued for a peer; sent in the extended handshake as {@code reqq}. More are dropped. */
    public static final int REQUESTS_QUEUED = 500;

    /** Outstanding requests to one peer: at 16 KiB, 8 MiB in flight, enough for 600 Mbit/s over 100 ms. */
    public static final int REQUESTS_OPEN = 500;

    /** The same for a peer that sends no {@code reqq}: what every client keeps. */
    public static final int REQUESTS_OPEN_DEFAULT = 250;

    /** Blocks that a peer may send without a request before it counts as a flood. */
    public static final int UNREQUESTED_BLOCKS = 64;

    /** Bytes that are read from the store for one peer before they are sent. */
    public static final int READ_AHEAD_BYTES = 512 << 10;

    /** Bytes that are read from the store at once, when a peer has requested adjacent blocks. */
    public static final int READ_BYTES = 256 << 10;

    /** Bytes received and not yet written by the store, of one engine. Above, sockets are not read. */
    public static final int UNWRITTEN_BYTES = 64 << 20;

    private EngineLimits() {}
}
