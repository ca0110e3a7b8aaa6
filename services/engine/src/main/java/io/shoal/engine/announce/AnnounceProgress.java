package io.shoal.engine.announce;

/** What an announce says about the torrent, read at the moment of each announce. */
public interface AnnounceProgress {
    /** Payload bytes sent in this session. */
    long uploaded();

    /** Payload bytes received in this session. */
    long downloaded();

    /** Bytes of the whole torrent that are not verified. */
    long left();

    /** Whether all that is wanted is there but the torrent is not complete: a partial seed (BEP 21). */
    boolean isPartialSeed();

    /** How many more peers are wanted. */
    PeerDemand peerDemand();

    /** Whether peers are needed and none is connected. Then a tracker that is late, or whose peers are no use, is not waited for. */
    boolean isIsolated();

    /** How many peers a tracker is asked for. */
    enum PeerDemand {
        /** We download. */
        MANY(80),
        /** The torrent seeds to fewer peers than it could. */
        SOME(30),
        /** The torrent has enough peers. */
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
