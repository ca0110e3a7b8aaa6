package io.shoal.engine.limits;

import java.time.Duration;

/** Every bound on peers and on what is kept for them, named once, with its reason. */
public final class EngineLimits {
    /** Peers of one torrent, those being dialled included: more do not make it faster, and each costs memory. */
    public static final int PEERS_PER_TORRENT = 500;

    /**
     * Siblings of the same engine that a torrent seeks to be connected with: enough for pieces to spread in two steps among some
     * hundred; those that seek later may make it twice as many.
     */
    public static final int SIBLINGS_PER_TORRENT = 16;

    /** Addresses that its trackers named and that a torrent remembers, for peers that arrive on a shared port. */
    public static final int NAMED_ADDRESSES = 4_000;

    /** Peers of one engine: 4,000 sockets with their queues fit a worker's memory. */
    public static final int PEERS_PER_ENGINE = 4_000;

    /** Peers of one torrent from one address: households share an address, floods do too. */
    public static final int PEERS_PER_ADDRESS = 3;

    /** Connections whose handshake is not done, of one engine: what strangers can hold open. */
    public static final int HANDSHAKES = 500;

    /** As many of one address: a tenth of all, more than a household or a proxy ever has at once. */
    public static final int HANDSHAKES_PER_ADDRESS = 50;

    /** Addresses that lied about a torrent's metadata and stay banned; then the oldest is forgotten. */
    public static final int LIARS = 1 << 12;

    /** Sizes that peers give a torrent's metadata and whose failures are remembered; beyond, of those that are offered now only. */
    public static final int METADATA_SIZES = 1 << 10;

    /** Peers of one torrent that are being dialled at once: routers choke on more. */
    public static final int DIALS_PER_TORRENT = 30;

    /** Above so many peers we dial no more, and leave the room to those that come. */
    public static final int DIAL_BELOW = 200;

    /** Addresses of one torrent that wait to be dialled: some answers of trackers. */
    public static final int CANDIDATES = 2_000;

    /** Addresses of peers that a torrent let go when it wanted nothing: enough to begin again with; then the oldest is forgotten. */
    public static final int IDLE_ADDRESSES = 100;

    /** From the connection being open to the peer's handshake being whole. */
    public static final Duration HANDSHAKE = Duration.ofSeconds(10);

    /** After so long without a byte a peer is gone; clients send keep-alives every two minutes (BEP 3). */
    public static final Duration SILENCE = Duration.ofSeconds(150);

    /** After so long without a message of ours we send a keep-alive: half of what the least patient client waits. */
    public static final Duration KEEP_ALIVE = Duration.ofSeconds(60);

    /** After so long without a block that it owes us, a peer is slow: others are asked instead. */
    public static final Duration SNUBBED = Duration.ofSeconds(30);

    /** Connections over which neither side wants anything are closed after so long, to make room. */
    public static final Duration IDLE = Duration.ofMinutes(3);

    /** Requests that we keep for a peer; told in its extended handshake as {@code reqq}. More are dropped. */
    public static final int REQUESTS_QUEUED = 500;

    /** Requests that we leave open at a peer: at 16 KiB, 8 MiB on the way, enough for 600 Mbit/s over 100 ms. */
    public static final int REQUESTS_OPEN = 500;

    /** As many when the peer has not told how many it keeps: what every client keeps. */
    public static final int REQUESTS_OPEN_DEFAULT = 250;

    /** Blocks that a peer may send without having been asked before it is a flood. */
    public static final int UNREQUESTED_BLOCKS = 64;

    /** Bytes that are read from the store for one peer before they are sent. */
    public static final int READ_AHEAD_BYTES = 512 << 10;

    /** Bytes that are read from the store at once, when a peer has asked for neighbours. */
    public static final int READ_BYTES = 256 << 10;

    /** Bytes received and not yet written by the store, of one engine. Above, sockets are not read. */
    public static final int UNWRITTEN_BYTES = 64 << 20;

    private EngineLimits() {}
}
