package io.shoal.engine.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two ends of one process: written bytes arrive in order, wait when they must, and are never leaked. */
class DirectConnectionTest {
    private static final InetSocketAddress LEFT = new InetSocketAddress("100::1", 1);
    private static final InetSocketAddress RIGHT = new InetSocketAddress("100::2", 2);
    private static final int HALF = 256 << 10;

    private final ManualLoop loop = new ManualLoop();
    private final End left = new End();
    private final End right = new End();

    @BeforeEach
    void open() {
        DirectConnection.open(new DirectConnection.End(loop, LEFT, left), new DirectConnection.End(loop, RIGHT, right));
        turn();
    }

    @Test
    void eachEndReceivesWhatTheOtherWritesAndKnowsItsAddress() {
        assertThat(left.connection().remote()).isEqualTo(RIGHT);
        assertThat(right.connection().remote()).isEqualTo(LEFT);
        left.write("one ", "two ");
        left.write("three");
        right.write("and back");
        assertThat(right.received).as("not within the call").isEmpty();
        turn();
        assertThat(String.join("", right.received)).isEqualTo("one two three");
        assertThat(left.received).containsExactly("and back");
        assertReleased();
    }

    @Test
    void aWriterWaitsForASlowReaderAndIsNotifiedWhenItMayContinue() {
        right.connection().setReading(false);
        left.write("x".repeat(HALF));
        assertThat(left.connection().isWritable()).isTrue();
        left.write("x".repeat(HALF));
        assertThat(left.connection().isWritable()).isFalse();
        turn();
        assertThat(right.received).isEmpty();
        assertThat(left.writabilityChanges).isZero();

        right.connection().setReading(true);
        turn();
        assertThat(right.received).hasSize(2);
        assertThat(left.connection().isWritable()).isTrue();
        assertThat(left.writabilityChanges).isOne();
        assertReleased();
    }

    @Test
    void bothEndsAreClosedOnceAfterEarlierWritesArrived() {
        left.write("last words");
        left.connection().close();
        right.connection().close();
        turn();
        right.connection().close();
        left.write("too late");
        turn();
        assertThat(right.received).isEmpty(); // it had closed too
        assertThat(left.closes).isOne();
        assertThat(right.closes).isOne();
        assertReleased();

        open();
        left.write("last words");
        left.connection().close();
        turn();
        assertThat(right.received).containsExactly("last words");
        assertThat(right.closes).isEqualTo(2);
        assertReleased();
    }

    @Test
    void unreadBytesAreReleased() {
        right.connection().setReading(false);
        left.write("unread");
        turn();
        left.connection().close();
        turn();
        assertThat(right.received).isEmpty();
        assertReleased();
    }

    @Test
    void anotherHandlerTakesOver() {
        End next = new End();
        left.connection().moveTo(loop, next);
        right.write("for the next");
        turn();
        assertThat(next.received).containsExactly("for the next");
        assertThat(left.received).isEmpty();
    }

    private void turn() {
        loop.turn(Duration.ofMillis(1));
    }

    private void assertReleased() {
        assertThat(left.written).allMatch(bytes -> bytes.refCnt() == 0);
        assertThat(right.written).allMatch(bytes -> bytes.refCnt() == 0);
    }

    private static final class End implements ConnectionHandler {
        private final List<String> received = new ArrayList<>();
        private final List<ByteBuf> written = new ArrayList<>();
        private int writabilityChanges;
        private int closes;
        private @Nullable Connection connection;

        Connection connection() {
            return Objects.requireNonNull(connection);
        }

        void write(String... texts) {
            for (String text : texts) {
                ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
                written.add(bytes);
                connection().write(bytes);
            }
            connection().flush();
        }

        @Override
        public void opened(Connection opened) {
            connection = opened;
        }

        @Override
        public void received(ByteBuf bytes) {
            received.add(bytes.toString(StandardCharsets.US_ASCII));
        }

        @Override
        public void writabilityChanged() {
            writabilityChanges++;
        }

        @Override
        public void closed() {
            closes++;
        }
    }
}
