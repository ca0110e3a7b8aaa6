package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.dialing.Candidates.Candidate;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Network;
import io.shoal.engine.obfuscation.PeerEncryption;
import io.shoal.engine.peers.HandshakeHandler;

/**
 * Connects to candidates and exchanges handshakes with them, encrypted or in plaintext: whichever the engine tries first,
 * or the other one for a candidate that needs it.
 */
final class Dialer {
    private final GuardedLoop loop;
    private final Network network;
    private final PeerEncryption encryption;
    private final Handshake ours;
    private final PeerCreator peers;

    /** Creates the peer whose handshake was received. */
    @FunctionalInterface
    interface PeerCreator {
        /** @param early bytes received after the handshake, which are taken over */
        ConnectionHandler dialled(Handshake theirs, Candidate candidate, ByteBuf early);
    }

    /** Is notified once of what became of a dial. */
    interface Outcome {
        /** A connection is open. @return whether it is kept; otherwise it is closed */
        boolean dialSucceeded(Candidate candidate);

        /**
         * There is no connection.
         *
         * @param wasOpen whether there was one, on which the peer did not complete the handshake
         */
        void dialFailed(Candidate candidate, boolean wasOpen);
    }

    Dialer(GuardedLoop loop, Network network, PeerEncryption encryption, Handshake ours, PeerCreator peers) {
        this.loop = loop;
        this.network = network;
        this.encryption = encryption;
        this.ours = ours;
        this.peers = peers;
    }

    void dial(Candidate candidate, Outcome outcome) {
        HandshakeHandler.Listener listener = new HandshakeHandler.Listener() {
            @Override
            public void completed(Connection connection, Handshake theirs, ByteBuf rest) {
                ConnectionHandler peer = loop.get(
                        () -> outcome.dialSucceeded(candidate) ? peers.dialled(theirs, candidate, rest) : null);
                if (peer != null) {
                    loop.adopt(connection, peer);
                } else {
                    rest.release();
                    connection.close();
                }
            }

            @Override
            public void failed(boolean wasOpen) {
                loop.run(() -> outcome.dialFailed(candidate, wasOpen));
            }
        };
        loop.connect(
                network,
                candidate.address(),
                encryption.outgoing(
                        ours.infoHash(), candidate.usesAlternative(), HandshakeHandler.outgoing(ours, listener)));
    }
}
