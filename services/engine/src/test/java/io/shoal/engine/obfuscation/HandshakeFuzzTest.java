package io.shoal.engine.obfuscation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What peers may send instead of an encrypted handshake: nothing of it throws, and no more is kept than a bounded part. */
class HandshakeFuzzTest {
    private static final InfoHash TORRENT = InfoHash.ofInfo(new byte[] {2});
    private static final int RUNS = 1_000;

    private final SplittableRandom random = new SplittableRandom(11);

    /** A side of a connection that speaks as a test wants. */
    private static class Raw implements ConnectionHandler {
        private @Nullable Connection connection;
        final ByteBuf received = Unpooled.buffer();
        boolean closed;

        void send(byte[] bytes) {
            Objects.requireNonNull(connection).write(Unpooled.copiedBuffer(bytes));
        }

        @Override
        public void opened(Connection opened) {
            connection = opened;
        }

        @Override
        public void received(ByteBuf bytes) {
            received.writeBytes(bytes);
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {
            closed = true;
        }
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private PeerEncryption encryption(Wire wire, EncryptionPolicy policy) {
        return new PeerEncryption(policy, wire.loop, random::nextBytes);
    }

    private ConnectionHandler incoming(Wire wire, ConnectionHandler next) {
        ObfuscatedHash name = ObfuscatedHash.of(TORRENT);
        return encryption(wire, EncryptionPolicy.ALLOWED).incoming(hash -> hash.equals(name) ? TORRENT : null, next);
    }

    @Test
    void randomBytesNeverReachTheNextHandler() {
        for (int run = 0; run < RUNS; run++) {
            Wire wire = new Wire();
            Raw peer = new Raw();
            Raw next = new Raw();
            if (run % 2 == 0) {
                wire.open(peer, incoming(wire, next));
            } else {
                wire.open(encryption(wire, EncryptionPolicy.REQUIRED).outgoing(TORRENT, false, next), peer);
                wire.run(() -> Integer.MAX_VALUE); // its key comes first
            }
            for (int parts = random.nextInt(1, 4); parts > 0; parts--) {
                peer.send(bytes(random.nextInt(1, 1_500)));
                wire.run(() -> random.nextInt(1, 700));
            }
            assertThat(next.received.isReadable()).isFalse();
        }
    }

    @Test
    void moreThanTheLongestPaddingEndsTheConnection() {
        Wire wire = new Wire();
        Raw peer = new Raw();
        Raw next = new Raw();
        wire.open(peer, incoming(wire, next));
        byte[] key = new KeyExchange(bytes(KeyExchange.PRIVATE_LENGTH)).publicKey();
        peer.send(key);
        wire.run(() -> Integer.MAX_VALUE);
        peer.send(new byte[EncryptedHandshake.PAD_MAX + 19]);
        wire.run(() -> Integer.MAX_VALUE);
        assertThat(next.closed).isFalse();
        peer.send(new byte[1]);
        wire.run(() -> Integer.MAX_VALUE);
        assertThat(next.closed).isTrue();
        assertThat(peer.closed).isTrue();
    }

    /** What is sent before the other side's key is calculated is kept, and bounded. */
    @Test
    void paddingThatArrivesDuringTheCalculationIsBounded() {
        for (int padding : new int[] {EncryptedHandshake.PAD_MAX, EncryptedHandshake.PAD_MAX + 1}) {
            Wire wire = new Wire();
            Raw peer = new Raw();
            Raw next = new Raw();
            wire.open(peer, incoming(wire, next));
            peer.send(Unpooled.wrappedBuffer(
                            new KeyExchange(bytes(KeyExchange.PRIVATE_LENGTH)).publicKey(), bytes(padding))
                    .copy()
                    .array());
            wire.run(() -> Integer.MAX_VALUE);
            assertThat(next.closed).isEqualTo(padding > EncryptedHandshake.PAD_MAX);
        }
    }

    /** The dialling side, whose fields a test can spoil. */
    private final class Script {
        final Wire wire = new Wire();
        final Raw peer = new Raw();
        final Raw next = new Raw();
        final KeyExchange keys = new KeyExchange(bytes(KeyExchange.PRIVATE_LENGTH));
        InfoHash named = TORRENT;
        long verification;
        int provide = 3;
        int padding = 17;
        int payloadLength = 68;
        byte[] payload = bytes(68);

        byte[] begin() {
            wire.open(peer, incoming(wire, next));
            peer.send(keys.publicKey());
            peer.send(bytes(100));
            wire.run(() -> Integer.MAX_VALUE);
            byte[] theirs = new byte[KeyExchange.LENGTH];
            peer.received.readBytes(theirs);
            SharedSecret secret = Objects.requireNonNull(keys.agree(theirs));
            ByteBuf rest = Unpooled.buffer()
                    .writeLong(verification)
                    .writeInt(provide)
                    .writeShort(padding)
                    .writeZero(Math.min(padding, 2_000))
                    .writeShort(payloadLength)
                    .writeBytes(payload);
            secret.fromDialler(named).apply(rest);
            return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(
                    Unpooled.wrappedBuffer(
                            secret.synchronization(),
                            secret.mask(ObfuscatedHash.of(named).bytes())),
                    rest));
        }

        void run() {
            peer.send(begin());
            wire.run(() -> random.nextInt(1, 50));
        }
    }

    @Test
    void aScriptThatKeepsToTheProtocolIsAccepted() {
        for (int padding : new int[] {0, 1, EncryptedHandshake.PAD_MAX}) {
            Script script = new Script();
            script.padding = padding;
            script.run();
            assertThat(ByteBufUtil.getBytes(script.next.received)).isEqualTo(script.payload);
        }
        Script none = new Script();
        none.payloadLength = 0;
        none.payload = new byte[0];
        none.run();
        assertThat(none.next.closed).isFalse();
        assertThat(none.peer.closed).isFalse();
    }

    @Test
    void eachFieldIsChecked() {
        Script wrongVerification = new Script();
        wrongVerification.verification = 1;
        assertRefused(wrongVerification);
        for (int provide : new int[] {0, 4, 0xfffffffc}) {
            Script method = new Script();
            method.provide = provide;
            assertRefused(method);
        }
        for (int padding : new int[] {EncryptedHandshake.PAD_MAX + 1, 0xffff}) {
            Script tooMuch = new Script();
            tooMuch.padding = padding;
            assertRefused(tooMuch);
        }
        for (int length : new int[] {69, 0xffff}) {
            Script payload = new Script();
            payload.payloadLength = length;
            payload.payload = bytes(length);
            assertRefused(payload);
        }
        Script unknown = new Script();
        unknown.named = InfoHash.ofInfo(new byte[] {3});
        assertRefused(unknown);
    }

    private static void assertRefused(Script script) {
        script.run();
        assertThat(script.next.received.isReadable()).isFalse();
        assertThat(script.next.closed).isTrue();
    }

    @Test
    void aChangedOrShortenedHandshakeDoesNoHarm() {
        for (int run = 0; run < RUNS; run++) {
            Script script = new Script();
            byte[] message = script.begin();
            message[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
            script.peer.send(Arrays.copyOf(message, random.nextInt(message.length + 1)));
            script.wire.run(() -> random.nextInt(1, 200));
            assertThat(script.next.received.readableBytes()).isLessThanOrEqualTo(68);
        }
    }
}
