package io.shoal.engine.session;

import io.shoal.bittorrent.wire.ExtensionMessage;

/** Receives the messages of the extension protocol (BEP 10). */
@FunctionalInterface
interface ExtensionReceiver {
    void received(ConnectedPeer peer, ExtensionMessage message);
}
