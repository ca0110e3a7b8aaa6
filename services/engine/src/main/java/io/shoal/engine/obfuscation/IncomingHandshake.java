package io.shoal.engine.obfuscation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.engine.net.ConnectionHandler;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of an incoming connection: a handshake in plaintext, which is passed on as it is, or the dialled side of an encrypted one.
 *
 * <p>Invariant: a peer that does not name a torrent that it may be answered for learns nothing but a public key, which any server could have
 * sent.
 */
final class IncomingHandshake extends EncryptedHandshake {
    private static final int HASH = InfoHash.LENGTH;

    /** The longest payload that a handshake contains: the plaintext handshake, as other clients have it. */
    private static final int PAYLOAD_MAX = 68;

    private final PeerEncryption encryption;
    private final Function<ObfuscatedHash, @Nullable InfoHash> torrents;
    private State state = State.PROTOCOL;
    private @Nullable SharedSecret secret;
    private byte[] synchronization = {};
    private @Nullable Rc4 sending;
    private @Nullable Rc4 receiving;
    private int secondPadding;
    private int method;
    private int remaining;
    private boolean encrypted;

    private enum State {
        /** The first bytes show whether it is plaintext. */
        PROTOCOL,
        /** Their key is received. */
        KEY,
        /** Our key and the secret are calculated. */
        AGREEING,
        /** Their padding is skipped, up to what shows that they have the secret. */
        PADDING,
        TORRENT,
        METHODS,
        SECOND_PADDING,
        PAYLOAD_LENGTH,
        PAYLOAD
    }

    /** @param torrents returns the torrent of this name, if the peer may be answered for it */
    IncomingHandshake(
            PeerEncryption encryption, Function<ObfuscatedHash, @Nullable InfoHash> torrents, ConnectionHandler next) {
        super(next);
        this.encryption = encryption;
        this.torrents = torrents;
    }

    @Override
    void begin() {
        // the peer speaks first
    }

    @Override
    void receive(ByteBuf bytes) throws EncryptionException {
        switch (state) {
            case PROTOCOL -> {
                if (fill(bytes, PeerEncryption.PROTOCOL.length)) {
                    protocolReceived(bytes);
                }
            }
            case KEY -> {
                if (fill(bytes, KeyExchange.LENGTH)) {
                    keyReceived(field());
                }
            }
            case AGREEING -> keepPadding(bytes);
            case PADDING -> {
                if (skipPast(bytes, synchronization)) {
                    state = State.TORRENT;
                }
            }
            case TORRENT -> {
                if (fill(bytes, HASH)) {
                    torrentReceived(field());
                }
            }
            case METHODS -> {
                if (fill(bytes, VERIFICATION + 4 + 2)) {
                    methodsReceived(field());
                }
            }
            case SECOND_PADDING -> {
                remaining = skipPadding(bytes, remaining, receiving());
                state = remaining == 0 ? State.PAYLOAD_LENGTH : state;
            }
            case PAYLOAD_LENGTH -> {
                if (fill(bytes, 2)) {
                    payloadLengthReceived(field());
                }
            }
            case PAYLOAD -> {
                if (fill(bytes, remaining)) {
                    byte[] payload = field();
                    receiving().apply(payload, 0, payload.length);
                    end();
                    deliver(payload, bytes);
                }
            }
        }
    }

    private void protocolReceived(ByteBuf bytes) throws EncryptionException {
        if (!beginsWith(PeerEncryption.PROTOCOL)) {
            state = State.KEY;
            encrypted = true;
            return;
        }
        if (!encryption.acceptsPlaintext()) {
            throw new EncryptionException("plaintext is not accepted");
        }
        agree();
        deliver(field(), bytes);
    }

    private void keyReceived(byte[] theirs) throws EncryptionException {
        state = State.AGREEING;
        encryption.calculate(
                true,
                connection().loop(),
                () -> {
                    KeyMaterial keys = encryption.newKeys();
                    SharedSecret agreed = keys.exchange().agree(theirs);
                    return agreed == null ? null : new Agreement(keys, agreed);
                },
                agreement -> resume(() -> agreed(agreement)));
    }

    private record Agreement(KeyMaterial keys, SharedSecret secret) {}

    private void agreed(@Nullable Agreement agreement) throws EncryptionException {
        if (agreement == null) {
            throw new EncryptionException("no public key");
        }
        secret = agreement.secret;
        synchronization = agreement.secret.synchronization();
        secondPadding = agreement.keys.secondPadding();
        state = State.PADDING;
        send(agreement.keys.firstMessage());
    }

    private SharedSecret secret() {
        return Objects.requireNonNull(secret, "it is known");
    }

    private Rc4 receiving() {
        return Objects.requireNonNull(receiving, "the keys are known");
    }

    private void torrentReceived(byte[] field) throws EncryptionException {
        InfoHash torrent = torrents.apply(new ObfuscatedHash(secret().mask(field)));
        if (torrent == null) {
            throw new EncryptionException("no torrent of this name");
        }
        receiving = secret().fromDialler(torrent);
        sending = secret().toDialler(torrent);
        state = State.METHODS;
    }

    private void methodsReceived(byte[] field) throws EncryptionException {
        receiving().apply(field, 0, field.length);
        ByteBuf in = Unpooled.wrappedBuffer(field);
        if (in.readLong() != 0) {
            throw new EncryptionException("the peer does not have the keys");
        }
        method = encryption.choose(in.readInt());
        remaining = in.readUnsignedShort();
        if (method == 0) {
            throw new EncryptionException("no method that is accepted");
        }
        if (remaining > PAD_MAX) {
            throw new EncryptionException("too much padding");
        }
        state = remaining == 0 ? State.PAYLOAD_LENGTH : State.SECOND_PADDING;
        ByteBuf answer = Unpooled.buffer()
                .writeZero(VERIFICATION)
                .writeInt(method)
                .writeShort(secondPadding)
                .writeZero(secondPadding);
        Objects.requireNonNull(sending).apply(answer);
        send(answer);
    }

    private void payloadLengthReceived(byte[] field) throws EncryptionException {
        receiving().apply(field, 0, field.length);
        remaining = Unpooled.wrappedBuffer(field).readUnsignedShort();
        if (remaining > PAYLOAD_MAX) {
            throw new EncryptionException("too much payload in the handshake");
        }
        if (remaining == 0) {
            end();
        } else {
            state = State.PAYLOAD;
        }
    }

    private void end() {
        encryption.completed(true);
        agree(method, Objects.requireNonNull(sending), receiving());
    }

    @Override
    void failed() {
        if (encrypted) {
            encryption.failed();
        }
    }
}
