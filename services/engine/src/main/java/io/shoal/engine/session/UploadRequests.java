package io.shoal.engine.session;

/** Is notified of what decides whether a peer is uploaded to. */
interface UploadRequests {
    /** The peer's interest has changed. */
    void interestChanged(ConnectedPeer peer);

    /** The store cannot be read for the peer. */
    void readFailed(ConnectedPeer peer);
}
