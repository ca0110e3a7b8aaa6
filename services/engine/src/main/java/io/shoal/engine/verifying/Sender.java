package io.shoal.engine.verifying;

import java.net.InetAddress;

/** What sent a block, as it is banned if the block is wrong. */
public sealed interface Sender {
    /**
     * Peers at an address: a peer that connects again has another port and another peer id.
     *
     * @param address theirs
     */
    record Address(InetAddress address) implements Sender {}

    /**
     * A web seed.
     *
     * @param url as it is in the torrent; it may be a secret
     */
    record WebServer(String url) implements Sender {
        /** Leaves the URL out, because the result may end in logs. */
        @Override
        public String toString() {
            return "WebServer";
        }
    }
}
