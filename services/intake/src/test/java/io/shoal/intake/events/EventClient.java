package io.shoal.intake.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A client of an event stream that reads as a browser does, on a thread of its own. */
final class EventClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Event END = new Event("the stream has ended", null, JSON.nullNode());

    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpResponse<InputStream> response;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile CountDownLatch reading = new CountDownLatch(0);
    private volatile @Nullable String lastId;

    /** An event that was read. */
    record Event(String name, @Nullable String id, JsonNode data) {
        /** Returns the ids of the transfers in it. */
        List<String> transfers() {
            return StreamSupport.stream(data.path("transfers").spliterator(), false)
                    .map(transfer -> transfer.path("id").asText())
                    .toList();
        }

        /** Returns the ids of the transfers that are gone. */
        List<String> removed() {
            return StreamSupport.stream(data.path("ids").spliterator(), false)
                    .map(JsonNode::asText)
                    .toList();
        }

        /** Returns the transfer with this id. */
        JsonNode transfer(String id) {
            for (JsonNode transfer : data.path("transfers")) {
                if (transfer.path("id").asText().equals(id)) {
                    return transfer;
                }
            }
            return JSON.missingNode();
        }
    }

    EventClient(URI uri, String key, @Nullable String lastId) throws IOException, InterruptedException {
        this(uri, key, lastId, true);
    }

    /** Returns a client that reads nothing before {@link #readOn}. */
    static EventClient thatWaits(URI uri, String key) throws IOException, InterruptedException {
        return new EventClient(uri, key, null, false);
    }

    private EventClient(URI uri, String key, @Nullable String lastId, boolean reads)
            throws IOException, InterruptedException {
        if (!reads) {
            stopReading();
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + key)
                .header("Accept", "text/event-stream");
        if (lastId != null) {
            request.header("Last-Event-ID", lastId);
        }
        response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        Thread.ofPlatform().daemon().name("event client").start(this::read);
    }

    HttpResponse<InputStream> response() {
        return response;
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            String name = "message";
            String id = null;
            String data = null;
            for (String line = read(lines); line != null; line = read(lines)) {
                String value = line.substring(Math.min(line.length(), line.indexOf(':') + 1))
                        .strip();
                if (line.startsWith("event:")) {
                    name = value;
                } else if (line.startsWith("id:")) {
                    id = value;
                } else if (line.startsWith("data:")) {
                    data = value;
                } else if (line.isEmpty()) {
                    lastId = id == null ? lastId : id;
                    if (data != null) {
                        events.add(new Event(name, id, JSON.readTree(data)));
                    }
                    name = "message";
                    id = null;
                    data = null;
                }
            }
        } catch (IOException e) {
            // it has ended in another way
        }
        events.add(END);
    }

    private @Nullable String read(BufferedReader lines) throws IOException {
        try {
            reading.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return lines.readLine();
    }

    /** Reads no more, after the line that it waits for. */
    final void stopReading() {
        reading = new CountDownLatch(1);
    }

    void readOn() {
        reading.countDown();
    }

    /** Returns the id of the last event, or comment, that has one. */
    String lastId() {
        String id = lastId;
        assertThat(id).isNotNull();
        return id == null ? "" : id;
    }

    /** Returns the next event; fails if none comes. */
    Event next() throws InterruptedException {
        Event event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(event).as("an event in time").isNotNull();
        return event == null ? END : event;
    }

    /** Returns the next event that is as expected; those before it are dropped. */
    Event next(Predicate<Event> expected) throws InterruptedException {
        for (Event event = next(); !event.equals(END); event = next()) {
            if (expected.test(event)) {
                return event;
            }
        }
        throw new AssertionError("the stream has ended");
    }

    /** Returns the next event with this name. */
    Event next(String name) throws InterruptedException {
        return next(event -> event.name.equals(name));
    }

    /** Returns the next event with this name that shows the transfer. */
    Event next(String name, String transfer) throws InterruptedException {
        return next(event -> event.name.equals(name)
                && (event.transfers().contains(transfer) || event.removed().contains(transfer)));
    }

    /** Reads the whole library; returns the pages. */
    List<Event> snapshot() throws InterruptedException {
        List<Event> pages = new ArrayList<>();
        Event page;
        do {
            page = next();
            assertThat(page.name).isEqualTo("snapshot");
            pages.add(page);
        } while (!page.data.path("last").asBoolean());
        return pages;
    }

    /** Waits for the end of the stream. */
    void awaitEnd() throws InterruptedException {
        for (Event event = next(); !event.equals(END); event = next()) {}
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
