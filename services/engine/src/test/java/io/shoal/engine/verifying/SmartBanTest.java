package io.shoal.engine.verifying;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SmartBanTest {
    private static final long[] RIGHT = {11, 12, 13, 14};
    private static final long[] NONE = {};

    private static final Sender HONEST = new Sender.Address(InetAddress.ofLiteral("192.0.2.1"));
    private static final Sender LIAR = new Sender.Address(InetAddress.ofLiteral("192.0.2.66"));

    private final SmartBan ban = new SmartBan();

    private void receive(int piece, Sender... from) {
        for (int block = 0; block < from.length; block++) {
            ban.received(piece, from.length, block, from[block]);
        }
    }

    private static long[] wrongAt(int... blocks) {
        long[] digests = RIGHT.clone();
        for (int block : blocks) {
            digests[block] = -digests[block];
        }
        return digests;
    }

    @Test
    void theOnlySenderOfAWrongPieceIsBannedAtOnce() {
        receive(1, LIAR, LIAR, LIAR, LIAR);
        assertThat(ban.needsDigests(1, false)).isFalse();
        assertThat(ban.failed(1, NONE)).containsExactly(LIAR);
        assertThat(ban.isBanned(LIAR)).isTrue();
        assertThat(ban.isBanned(HONEST)).isFalse();
    }

    @Test
    void noPeerIsBannedOnSuspicion() {
        receive(1, HONEST, LIAR, HONEST, LIAR);
        assertThat(ban.needsDigests(1, false)).isTrue();
        assertThat(ban.failed(1, wrongAt(1))).isEmpty();
        assertThat(ban.isBanned(LIAR)).isFalse();
        assertThat(ban.isBanned(HONEST)).isFalse();
    }

    @Test
    void theLiarIsFoundWhenThePieceIsRight() {
        receive(1, HONEST, LIAR, HONEST, LIAR);
        ban.failed(1, wrongAt(3));
        receive(1, HONEST, HONEST, HONEST, HONEST);
        assertThat(ban.needsDigests(1, true)).isTrue();
        assertThat(ban.verified(1, RIGHT)).containsExactly(LIAR);
        assertThat(ban.isBanned(HONEST)).isFalse();
        assertThat(ban.needsDigests(1, true)).isFalse();
    }

    @Test
    void liarsOfSeveralFailuresAreAllFound() {
        Sender second = new Sender.Address(InetAddress.ofLiteral("192.0.2.67"));
        receive(1, HONEST, LIAR, HONEST, HONEST);
        ban.failed(1, wrongAt(1));
        receive(1, HONEST, HONEST, second, HONEST);
        ban.failed(1, wrongAt(2));
        receive(1, LIAR, HONEST, HONEST, HONEST);
        assertThat(ban.verified(1, RIGHT)).containsExactlyInAnyOrder(LIAR, second);
    }

    @Test
    void aRightPieceProvesNothingWithoutAFailure() {
        receive(1, HONEST, LIAR, HONEST, HONEST);
        assertThat(ban.needsDigests(1, true)).isFalse();
        assertThat(ban.verified(1, NONE)).isEmpty();
    }

    @Test
    void piecesAreTreatedSeparately() {
        receive(1, HONEST, LIAR, HONEST, HONEST);
        receive(2, HONEST, LIAR, HONEST, HONEST);
        ban.failed(1, wrongAt(1));
        assertThat(ban.verified(2, RIGHT)).isEmpty();
        ban.dropped(1);
        receive(1, HONEST, HONEST, HONEST, HONEST);
        assertThat(ban.verified(1, RIGHT)).containsExactly(LIAR);
    }

    @Test
    void droppedPiecesDoNotCount() {
        receive(1, LIAR, LIAR, LIAR, LIAR);
        ban.dropped(1);
        receive(1, HONEST, LIAR, HONEST, HONEST);
        assertThat(ban.needsDigests(1, false)).isTrue();
    }

    @Test
    void theOldestTestimonyIsForgotten() {
        int blocks = 64;
        Sender[] mixed = new Sender[blocks];
        Arrays.fill(mixed, HONEST);
        mixed[0] = LIAR;
        int pieces = SmartBan.BLOCKS_REMEMBERED_MAX / blocks + 1;
        for (int piece = 0; piece < pieces; piece++) {
            receive(piece, mixed);
            ban.failed(piece, new long[blocks]);
        }
        assertThat(ban.needsDigests(0, true)).isFalse();
        assertThat(ban.needsDigests(1, true)).isTrue();
    }

    @Test
    void aPieceTooLargeToRememberIsForgottenAtOnce() {
        Sender[] mixed = new Sender[SmartBan.BLOCKS_REMEMBERED_MAX + 1];
        Arrays.fill(mixed, HONEST);
        mixed[0] = LIAR;
        receive(1, mixed);
        ban.failed(1, new long[mixed.length]);
        assertThat(ban.needsDigests(1, true)).isFalse();
    }

    @Test
    void digestsDistinguishBlocks() {
        assertThat(SmartBan.digest(ByteBuffer.wrap(new byte[] {1, 2})))
                .isEqualTo(SmartBan.digest(
                        ByteBuffer.allocateDirect(2).put(0, (byte) 1).put(1, (byte) 2)))
                .isNotEqualTo(SmartBan.digest(ByteBuffer.wrap(new byte[] {1, 3})));
    }
}
