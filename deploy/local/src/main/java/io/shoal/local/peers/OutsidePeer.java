package io.shoal.local.peers;

import java.io.IOException;

/** A BitTorrent client that is no part of the platform, with one torrent. Closing makes it leave the swarm and end. */
public interface OutsidePeer extends AutoCloseable {
    /** What it is, for messages. */
    String name();

    /** How it stands; counters are as the client itself counts them. */
    Progress progress() throws IOException, InterruptedException;

    /**
     * @param complete whether it has verified all of the torrent
     * @param downloaded payload bytes received
     * @param uploaded payload bytes sent
     */
    record Progress(boolean complete, long downloaded, long uploaded) {}

    @Override
    void close();
}
