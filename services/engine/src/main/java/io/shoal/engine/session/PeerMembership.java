package io.shoal.engine.session;

/** Accepts peers, and is notified of their end. */
interface PeerMembership {
    /** The connection is open: the peer is accepted, or closed. */
    void opened(ConnectedPeer newcomer);

    /** The peer has disconnected, whether or not it was accepted. The last call. */
    void left(ConnectedPeer peer, String reason);
}
