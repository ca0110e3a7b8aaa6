package io.shoal.engine.obfuscation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.EncryptionPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The two sides of the handshake with one another. */
class EncryptedHandshakeTest {
    private static final InfoHash TORRENT = InfoHash.ofInfo(new byte[] {1});
    private static final String HEADER = "BitTorrent protocol";

    private final SplittableRandom random = new SplittableRandom(5);
    private final byte[] content = new byte[70_001];

    EncryptedHandshakeTest() {
        random.nextBytes(content);
    }

    private static int atOnce() {
        return Integer.MAX_VALUE;
    }

    private static byte[] handshake(char name) {
        ByteBuf out = Unpooled.buffer();
        PeerId id = PeerId.of(("-SH0001-" + String.valueOf(name).repeat(12)).getBytes(StandardCharsets.US_ASCII));
        new Handshake(TORRENT, id, Capabilities.OURS).encode(out);
        return ByteBufUtil.getBytes(out);
    }

    /** A conversation between a dialler and a listener. */
    private final class Conversation {
        final Wire wire;
        final Talker dialler = new Talker(true, handshake('d'), content);
        final Talker listener = new Talker(false, handshake('l'), content);
        final PeerEncryption dialling;
        final PeerEncryption listening;

        Conversation(Wire wire, EncryptionPolicy dials, EncryptionPolicy listens) {
            this.wire = wire;
            dialling = encryption(dials);
            listening = encryption(listens);
        }

        private PeerEncryption encryption(EncryptionPolicy policy) {
            return new PeerEncryption(policy, wire.loop, random::nextBytes);
        }

        Conversation run(boolean alternative, IntSupplier part) {
            return run(alternative, part, hash -> hash.equals(ObfuscatedHash.of(TORRENT)) ? TORRENT : null);
        }

        Conversation run(boolean alternative, IntSupplier part, Function<ObfuscatedHash, @Nullable InfoHash> torrents) {
            wire.open(dialling.outgoing(TORRENT, alternative, dialler), listening.incoming(torrents, listener));
            wire.run(part);
            return this;
        }

        void assertComplete(boolean rc4) {
            assertThat(dialler.greeting).isEqualTo(handshake('l'));
            assertThat(listener.greeting).isEqualTo(handshake('d'));
            assertThat(dialler.heard()).isEqualTo(content);
            assertThat(listener.heard()).isEqualTo(content);
            assertThat(dialler.isEncrypted()).isEqualTo(rc4);
            assertThat(listener.isEncrypted()).isEqualTo(rc4);
            assertThat(List.of(dialler.opened, listener.opened)).containsExactly(2, 2);
            wire.dialler.close();
            wire.run(EncryptedHandshakeTest::atOnce);
            assertThat(List.of(dialler.closed, listener.closed)).containsExactly(1, 1);
        }

        void assertRefused() {
            assertThat(dialler.greeting).isEmpty();
            assertThat(listener.greeting).isEmpty();
            assertThat(wire.dialler.closed).isTrue();
            assertThat(List.of(dialler.closed, listener.closed)).containsExactly(1, 1);
        }
    }

    @Test
    void allPoliciesAgreeHoweverTheBytesAreSplit() {
        List<IntSupplier> parts =
                List.of(EncryptedHandshakeTest::atOnce, () -> 1, () -> 7, () -> random.nextInt(1, 900));
        List<Function<byte[], ByteBuf>> forms = List.of(
                Unpooled::wrappedBuffer,
                bytes -> Unpooled.directBuffer(bytes.length).writeBytes(bytes),
                bytes -> Unpooled.wrappedBuffer(bytes).asReadOnly());
        for (EncryptionPolicy dials : List.of(EncryptionPolicy.PREFERRED, EncryptionPolicy.REQUIRED)) {
            for (EncryptionPolicy listens :
                    List.of(EncryptionPolicy.ALLOWED, EncryptionPolicy.PREFERRED, EncryptionPolicy.REQUIRED)) {
                for (IntSupplier part : parts) {
                    for (Function<byte[], ByteBuf> form : forms) {
                        Conversation talk = new Conversation(new Wire(form), dials, listens).run(false, part);
                        boolean plain = dials == EncryptionPolicy.PREFERRED && listens == EncryptionPolicy.ALLOWED;
                        talk.assertComplete(!plain);
                        assertThat(talk.dialling.counters().outgoing()).isEqualTo(1);
                        assertThat(talk.listening.counters().incoming()).isEqualTo(1);
                        assertThat(talk.wire.dialler.text()).doesNotContain(HEADER);
                        if (!plain) {
                            assertThat(talk.wire.listener.text())
                                    .doesNotContain(HEADER)
                                    .doesNotContain(new String(content, 50_000, 20, StandardCharsets.ISO_8859_1));
                        }
                    }
                }
            }
        }
    }

    @Test
    void plaintextIsPassedOnHoweverItIsSplit() {
        for (IntSupplier part :
                List.of(EncryptedHandshakeTest::atOnce, () -> 1, (IntSupplier) () -> random.nextInt(1, 100))) {
            Conversation talk =
                    new Conversation(new Wire(), EncryptionPolicy.ALLOWED, EncryptionPolicy.PREFERRED).run(false, part);
            talk.assertComplete(false);
            assertThat(talk.wire.listener.text()).contains(HEADER);
        }
    }

    @Test
    void theAlternativeOfEachPolicyIsTheOtherWay() {
        new Conversation(new Wire(), EncryptionPolicy.ALLOWED, EncryptionPolicy.REQUIRED)
                .run(true, EncryptedHandshakeTest::atOnce)
                .assertComplete(true);
        new Conversation(new Wire(), EncryptionPolicy.PREFERRED, EncryptionPolicy.OFF)
                .run(true, EncryptedHandshakeTest::atOnce)
                .assertComplete(false);
        new Conversation(new Wire(), EncryptionPolicy.REQUIRED, EncryptionPolicy.REQUIRED)
                .run(true, EncryptedHandshakeTest::atOnce)
                .assertComplete(true);
        new Conversation(new Wire(), EncryptionPolicy.OFF, EncryptionPolicy.OFF)
                .run(true, EncryptedHandshakeTest::atOnce)
                .assertComplete(false);
    }

    @Test
    void oneThatRequiresEncryptionRefusesPlaintext() {
        new Conversation(new Wire(), EncryptionPolicy.ALLOWED, EncryptionPolicy.REQUIRED)
                .run(false, () -> 1)
                .assertRefused();
    }

    @Test
    void aTorrentThatIsNotThereIsNotAnsweredFor() {
        Conversation talk = new Conversation(new Wire(), EncryptionPolicy.REQUIRED, EncryptionPolicy.ALLOWED);
        talk.run(false, EncryptedHandshakeTest::atOnce, hash -> null).assertRefused();
        assertThat(talk.wire.listener.sent.readableBytes())
                .as("a key and padding")
                .isBetween(KeyExchange.LENGTH, KeyExchange.LENGTH + EncryptedHandshake.PAD_MAX);
        assertThat(talk.listening.counters()).isEqualTo(new PeerEncryption.Counters(0, 0, 1, 0));
        assertThat(talk.dialling.counters()).isEqualTo(new PeerEncryption.Counters(0, 0, 1, 0));
    }

    /** A peer that does not encrypt answers at once, or closes; either way another attempt can begin without waiting. */
    @Test
    void anAnswerInPlaintextEndsTheHandshakeAtOnce() {
        Wire wire = new Wire();
        Talker dialler = new Talker(true, handshake('d'), content);
        PeerEncryption encryption = new PeerEncryption(EncryptionPolicy.PREFERRED, wire.loop, random::nextBytes);
        wire.open(encryption.outgoing(TORRENT, false, dialler), new Talker(true, handshake('l'), content));
        wire.run(() -> 1);
        assertThat(wire.dialler.closed).isTrue();
        assertThat(dialler.closed).isEqualTo(1);
    }

    @Test
    void eachConnectionHasAKeyOfItsOwn() {
        Conversation first = new Conversation(new Wire(), EncryptionPolicy.REQUIRED, EncryptionPolicy.REQUIRED);
        Conversation second = new Conversation(new Wire(), EncryptionPolicy.REQUIRED, EncryptionPolicy.REQUIRED);
        first.run(false, EncryptedHandshakeTest::atOnce);
        second.run(false, EncryptedHandshakeTest::atOnce);
        assertThat(first.wire.dialler.text().substring(0, KeyExchange.LENGTH))
                .isNotEqualTo(second.wire.dialler.text().substring(0, KeyExchange.LENGTH));
        assertThat(first.wire.listener.text().substring(0, KeyExchange.LENGTH))
                .isNotEqualTo(second.wire.listener.text().substring(0, KeyExchange.LENGTH));
    }
}
