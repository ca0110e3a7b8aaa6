package io.shoal.engine.obfuscation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Many peers begin a handshake and do no more. */
class HandshakeFloodTest {
    private static final int PEERS = 1_000;

    private final SplittableRandom random = new SplittableRandom(13);

    /** Tasks that the workers have not begun. */
    private final Deque<Runnable> handedOver = new ArrayDeque<>();

    private int mostHandedOver;

    private final PeerEncryption encryption = new PeerEncryption(
            EncryptionPolicy.ALLOWED,
            task -> {
                handedOver.add(task);
                mostHandedOver = Math.max(mostHandedOver, handedOver.size());
            },
            random::nextBytes);

    private static final class Silent implements ConnectionHandler {
        @Override
        public void opened(Connection connection) {}

        @Override
        public void received(ByteBuf bytes) {}

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }

    private Wire beginIncoming() {
        Wire wire = new Wire();
        wire.open(new Silent(), encryption.incoming(hash -> null, new Silent()));
        byte[] key = new byte[KeyExchange.LENGTH];
        random.nextBytes(key);
        wire.dialler.write(Unpooled.wrappedBuffer(key));
        wire.run(() -> Integer.MAX_VALUE);
        return wire;
    }

    @Test
    void theQueueIsBoundedAndTheRestIsRejected() {
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < PEERS; i++) {
            wires.add(beginIncoming());
        }
        assertThat(wires).filteredOn(wire -> !wire.listener.closed).hasSize(EngineLimits.KEY_EXCHANGES);
        assertThat(encryption.counters().rejected()).isEqualTo(PEERS - EngineLimits.KEY_EXCHANGES);
        assertThat(wires).as("nothing is calculated on a loop").allMatch(wire -> !wire.listener.sent.isReadable());
        assertThat(handedOver)
                .as("one at a time, so that workers have other work too")
                .hasSize(1);

        while (!handedOver.isEmpty()) {
            handedOver.removeFirst().run();
        }
        assertThat(mostHandedOver).isEqualTo(1);
        for (Wire wire : wires) {
            wire.loop.turn(Duration.ZERO);
        }
        assertThat(wires).filteredOn(wire -> wire.listener.sent.isReadable()).hasSize(EngineLimits.KEY_EXCHANGES);
        assertThat(beginIncoming().listener.closed).as("there is room again").isFalse();
    }

    @Test
    void incomingOnesDoNotKeepOutgoingOnesWaiting() {
        for (int i = 0; i < PEERS; i++) {
            beginIncoming();
        }
        Wire ours = new Wire();
        ours.open(encryption.outgoing(InfoHash.ofInfo(new byte[0]), true, new Silent()), new Silent());
        for (int i = 0; i < 3; i++) {
            handedOver.removeFirst().run();
        }
        ours.loop.turn(Duration.ZERO);
        assertThat(ours.dialler.sent.isReadable()).as("its turn has come").isTrue();
    }
}
