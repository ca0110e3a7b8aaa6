package io.shoal.bittorrent.wire;

/** A peer broke the protocol. The message names the rule; the only answer is to close the connection. */
public final class PeerWireException extends Exception {
    private static final long serialVersionUID = 1L;

    public PeerWireException(String rule) {
        super(rule, null, false, false); // no stack trace: peers decide how many of these are made
    }
}
