package io.shoal.engine.swarms;

import io.shoal.engine.TorrentListener;
import java.net.InetAddress;

/** Fails the test at what must not happen in it: a ban, or a store that fails. */
class StrictListener implements TorrentListener {
    @Override
    public void verified(int piece) {}

    @Override
    public void finished() {}

    @Override
    public void banned(InetAddress peer, int piece) {
        throw new AssertionError(peer + " was banned for piece " + piece);
    }

    @Override
    public void storeFailed(Throwable cause) {
        throw new AssertionError(cause);
    }
}
