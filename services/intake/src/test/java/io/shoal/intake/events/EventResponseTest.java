package io.shoal.intake.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.sse.SseEventSink;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** When a client counts as one that takes nothing. */
class EventResponseTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Deque<Promise<Void>> written = new ArrayDeque<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final HeldBytes held = new HeldBytes(1 << 30, null);
    private long nanos;
    private final EventResponse response = new EventResponse(
            fake(HttpServerResponse.class, (proxy, method, arguments) -> switch (method.getName()) {
                case "closed", "ended" -> false;
                case "write" -> {
                    Promise<Void> promise = Promise.promise();
                    written.add(promise);
                    yield promise.future();
                }
                default -> throw new UnsupportedOperationException(method.getName());
            }),
            fake(SseEventSink.class, (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
            }),
            channel,
            () -> nanos);

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private void send(int bytes) {
        response.send(new Frame(new byte[bytes], held));
        channel.runPendingTasks();
    }

    private void take() {
        written.remove().complete();
        channel.runPendingTasks();
    }

    private void pass(int seconds) {
        nanos += Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void aClientThatTakesSomethingNowAndThenIsNotStalled() {
        send(200 << 10);
        for (int part = 0; part < 5; part++) {
            pass(9);
            assertThat(response.isStalled(PATIENCE)).isFalse();
            take();
        }
        assertThat(response.pending()).isPositive();
        pass(11);
        assertThat(response.isStalled(PATIENCE)).isTrue();
        take();
        assertThat(response.isStalled(PATIENCE)).isFalse();
    }

    @Test
    void aClientThatHasTakenEverythingIsNotStalled() {
        send(1);
        take();
        pass(3_600);
        assertThat(response.isStalled(PATIENCE)).isFalse();
        send(1);
        assertThat(response.isStalled(PATIENCE)).isFalse();
        pass(11);
        assertThat(response.isStalled(PATIENCE)).isTrue();
    }
}
