package io.shoal.engine.obfuscation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.engine.net.ConnectionHandler;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The dialling side of an encrypted handshake. What the next handler writes at the beginning is sent with the handshake, so it costs one round
 * trip more than plaintext and not two.
 */
final class OutgoingHandshake extends EncryptedHandshake {
    private static final int METHOD_AND_LENGTH = 4 + 2;

    private final PeerEncryption encryption;
    private final InfoHash torrent;
    private State state = State.PREPARING;
    private @Nullable KeyMaterial ours;
    private @Nullable Rc4 sending;
    private @Nullable Rc4 receiving;
    private byte[] verification = {};
    private int method;
    private int padding;

    private enum State {
        /** Our key is calculated. */
        PREPARING,
        /** Their key is received. */
        KEY,
        /** The secret is calculated. */
        AGREEING,
        /** Their padding is skipped, up to the zeros by which they show that they have the keys. */
        PADDING,
        METHOD,
        SECOND_PADDING
    }

    OutgoingHandshake(PeerEncryption encryption, InfoHash torrent, ConnectionHandler next) {
        super(next);
        this.encryption = encryption;
        this.torrent = torrent;
    }

    @Override
    void begin() throws EncryptionException {
        encryption.calculate(false, connection().loop(), encryption::newKeys, keys -> resume(() -> prepared(keys)));
    }

    private void prepared(@Nullable KeyMaterial keys) throws EncryptionException {
        if (keys == null) {
            throw new EncryptionException("no key");
        }
        ours = keys;
        state = State.KEY;
        send(keys.firstMessage());
    }

    @Override
    void receive(ByteBuf bytes) throws EncryptionException {
        switch (state) {
            case PREPARING -> throw new EncryptionException("the peer speaks first");
            case KEY -> {
                boolean complete = fill(bytes, KeyExchange.LENGTH);
                if (beginsWith(PeerEncryption.PROTOCOL)) {
                    throw new EncryptionException("the peer answers in plaintext");
                }
                if (complete) {
                    keyReceived(field());
                }
            }
            case AGREEING -> keepPadding(bytes);
            case PADDING -> {
                if (skipPast(bytes, verification)) {
                    state = State.METHOD;
                }
            }
            case METHOD -> {
                if (fill(bytes, METHOD_AND_LENGTH)) {
                    methodReceived(field());
                }
            }
            case SECOND_PADDING -> {
                padding = skipPadding(bytes, padding, receiving());
                endIfComplete();
            }
        }
    }

    private void keyReceived(byte[] theirs) throws EncryptionException {
        state = State.AGREEING;
        KeyMaterial keys = Objects.requireNonNull(ours);
        encryption.calculate(
                false,
                connection().loop(),
                () -> keys.exchange().agree(theirs),
                secret -> resume(() -> agreed(keys, secret)));
    }

    private void agreed(KeyMaterial keys, @Nullable SharedSecret secret) throws EncryptionException {
        if (secret == null) {
            throw new EncryptionException("no public key");
        }
        Rc4 out = secret.fromDialler(torrent);
        Rc4 in = secret.toDialler(torrent);
        sending = out;
        receiving = in;
        verification = in.encryptedZeros(VERIFICATION);
        ByteBuf message = Unpooled.buffer();
        message.writeBytes(secret.synchronization());
        message.writeBytes(secret.mask(ObfuscatedHash.of(torrent).bytes()));
        ByteBuf payload = connection().takeWaiting();
        byte[] rest = ByteBufUtil.getBytes(Unpooled.buffer()
                .writeZero(VERIFICATION)
                .writeInt(encryption.methods())
                .writeShort(keys.secondPadding())
                .writeZero(keys.secondPadding())
                .writeShort(payload.readableBytes())
                .writeBytes(payload));
        payload.release();
        out.apply(rest, 0, rest.length);
        message.writeBytes(rest);
        state = State.PADDING;
        send(message);
    }

    private Rc4 receiving() {
        return Objects.requireNonNull(receiving, "the keys are known");
    }

    private void methodReceived(byte[] field) throws EncryptionException {
        receiving().apply(field, 0, field.length);
        ByteBuf in = Unpooled.wrappedBuffer(field);
        method = in.readInt();
        padding = in.readUnsignedShort();
        if (method != PLAINTEXT && method != RC4 || (method & encryption.methods()) == 0) {
            throw new EncryptionException("a method that was not offered");
        }
        if (padding > PAD_MAX) {
            throw new EncryptionException("too much padding");
        }
        state = State.SECOND_PADDING;
        endIfComplete();
    }

    private void endIfComplete() {
        if (padding > 0) {
            return;
        }
        encryption.completed(false);
        agree(method, Objects.requireNonNull(sending), receiving());
    }

    @Override
    void failed() {
        encryption.failed();
    }
}
