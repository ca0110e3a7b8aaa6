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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Clients that each follow an event stream on a connection of its own; one thread reads what they all receive, and counts the changes. */
final class EventClients implements AutoCloseable {
    private static final String OK = "HTTP/1.1 200";
    private static final String CHANGED = "event: changed\n";
    private static final Object UNANSWERED = "nothing was received yet";
    private static final long LOOK_MS = 200;

    private final Selector selector;
    private final List<SocketChannel> channels;
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicLong changes = new AtomicLong();
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
        } else if (read > 0) {
            byte[] bytes = new byte[into.flip().remaining()];
            into.get(bytes);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            if (key.attach(null) != null) {
                answer(text);
            }
            count(text);
        }
    }

    private void answer(String text) {
        if (text.startsWith(OK)) {
            answered.incrementAndGet();
        } else {
            refusal = "a stream is answered with " + text.substring(0, Math.min(text.length(), OK.length()));
        }
    }

    /** Counts the events in what was received; one that two reads share is missed. */
    private void count(String text) {
        for (int at = text.indexOf(CHANGED); at >= 0; at = text.indexOf(CHANGED, at + 1)) {
            changes.incrementAndGet();
        }
    }

    /** Returns how many events with changes were received so far. */
    long changes() {
        return changes.get();
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
