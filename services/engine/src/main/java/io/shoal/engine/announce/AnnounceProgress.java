package io.shoal.engine.announce;

/** What is asked of the torrent at the moment of each announce. */
public interface AnnounceProgress {
    /** Payload bytes sent in this session. */
    long uploaded();

    /** Payload bytes received in this session. */
    long downloaded();

    /** Bytes of the whole torrent that are not verified. */
    long left();

    /** Whether the wish is done and the torrent is not: a partial seed (BEP 21). */
    boolean isPartialSeed();

    /** How much more peers are wanted. */
    PeerDemand peerDemand();

    /** How many peers we should like to be told. */
    enum PeerDemand {
        /** We download. */
        MANY(80),
        /** We seed to fewer than we could. */
        SOME(30),
        /** We have enough. */
        NONE(0);

        private final int peers;

        PeerDemand(int peers) {
            this.peers = peers;
        }

        /** The {@code numwant} to send. */
        public int peers() {
            return peers;
        }
    }
}
