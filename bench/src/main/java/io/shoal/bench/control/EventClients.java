package io.shoal.bench.control;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Clients that each follow an event stream on a connection of its own; one thread reads, and forgets, what they all receive. */
final class EventClients implements AutoCloseable {
    private static final String OK = "HTTP/1.1 200";
    private static final Object UNANSWERED = "nothing was received yet";
    private static final long LOOK_MS = 200;

    private final Selector selector;
    private final List<SocketChannel> channels;
    private final AtomicInteger answered = new AtomicInteger();
    private final Background reading;
    private volatile @Nullable String refusal;

    private EventClients(Selector selector, List<SocketChannel> channels) {
        this.selector = selector;
        this.channels = channels;
        this.reading = Background.start("reading event streams", this::read);
    }

    /** Opens a stream of {@code path} with each of the keys. */
    static EventClients open(URI api, String path, List<String> keys) throws IOException {
        Selector selector = Selector.open();
        List<SocketChannel> channels = new ArrayList<>();
        try {
            for (String key : keys) {
                SocketChannel channel = SocketChannel.open(new InetSocketAddress(api.getHost(), api.getPort()));
                channels.add(channel);
                request(api, path, key, channel);
                channel.register(selector, SelectionKey.OP_READ, UNANSWERED);
            }
        } catch (IOException e) {
            closeAll(selector, channels);
            throw e;
        }
        return new EventClients(selector, channels);
    }

    private static void request(URI api, String path, String key, SocketChannel channel) throws IOException {
        String request = "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n"
                .formatted(path, api.getAuthority(), key);
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.configureBlocking(false);
    }

    private void read(BooleanSupplier ending) throws IOException {
        ByteBuffer into = ByteBuffer.allocateDirect(64 << 10);
        while (!ending.getAsBoolean()) {
            selector.select(key -> read(key, into), LOOK_MS);
        }
    }

    private void read(SelectionKey key, ByteBuffer into) {
        into.clear();
        int read;
        try {
            read = ((SocketChannel) key.channel()).read(into);
        } catch (IOException e) {
            read = -1;
        }
        if (read < 0) {
            key.cancel();
            refusal = "a stream has ended";
        } else if (read > 0 && key.attach(null) != null) {
            byte[] head = new byte[Math.min(into.flip().remaining(), OK.length())];
            into.get(head);
            String line = new String(head, StandardCharsets.US_ASCII);
            if (line.equals(OK)) {
                answered.incrementAndGet();
            } else {
                refusal = "a stream is answered with " + line;
            }
        }
    }

    /** Returns whether all have been answered; throws if one was refused, or has ended. */
    boolean areOpen() throws IOException {
        reading.check();
        String problem = refusal;
        if (problem != null) {
            throw new IOException(problem);
        }
        return answered.get() == channels.size();
    }

    private static void closeAll(Selector selector, List<SocketChannel> channels) {
        for (SocketChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) {
                Run.say("a connection does not close: %s".formatted(e));
            }
        }
        try {
            selector.close();
        } catch (IOException e) {
            Run.say("a selector does not close: %s".formatted(e));
        }
    }

    @Override
    public void close() {
        reading.close();
        closeAll(selector, channels);
    }
}
