package io.shoal.engine.swarms;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.egress.http.FetchFailure;
import io.shoal.egress.http.FetchReceiver;
import io.shoal.egress.http.FetchRequest;
import io.shoal.engine.net.Loop;
import io.shoal.engine.webseeds.RangeClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Web servers of a {@link Simulation}, by host: what each answers is for a test to say. */
final class SimulatedWebServer implements RangeClient {
    private static final int CHUNK = 8 << 10;
    private static final Duration LATENCY = Duration.ofMillis(20);

    /** One answer. {@code bytes} are sent at {@code rate} bytes a second, and then the answer ends, breaks off, or hangs. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(int status, Map<String, String> headers, byte[] bytes, long rate, End end) {
        enum End {
            COMPLETE,
            BREAK,
            HANG
        }

        static Answer status(int status, Map<String, String> headers) {
            return new Answer(status, headers, new byte[0], 1, End.COMPLETE);
        }

        static Answer unreachable() {
            return new Answer(0, Map.of(), new byte[0], 1, End.BREAK);
        }
    }

    /** A request that a server has received. */
    record Asked(Duration at, SourceUrl url, long from, long last) {
        long length() {
            return last - from + 1;
        }
    }

    private final Simulation simulation;
    private final Map<String, Function<Asked, Answer>> hosts = new TreeMap<>();
    final List<Asked> asked = new ArrayList<>();
    int open;
    int mostOpen;

    SimulatedWebServer(Simulation simulation) {
        this.simulation = simulation;
    }

    /** Adds a server. */
    SimulatedWebServer host(String name, Function<Asked, Answer> answers) {
        hosts.put(name, answers);
        return this;
    }

    /** Answers with ranges of one file. */
    static Function<Asked, Answer> file(byte[] content, long rate) {
        return asked ->
                new Answer(206, contentRange(asked, content.length), part(content, asked), rate, Answer.End.COMPLETE);
    }

    static Map<String, String> contentRange(Asked asked, long total) {
        return Map.of("Content-Range", "bytes " + asked.from() + "-" + asked.last() + "/" + total);
    }

    static byte[] part(byte[] content, Asked asked) {
        return Arrays.copyOfRange(content, (int) asked.from(), (int) asked.last() + 1);
    }

    List<Asked> askedOf(String host) {
        return asked.stream().filter(each -> each.url().host().equals(host)).toList();
    }

    long bytesAskedOf(String host) {
        return askedOf(host).stream().mapToLong(Asked::length).sum();
    }

    @Override
    public Requests open(Loop loop) {
        open++;
        mostOpen = Math.max(mostOpen, open);
        return new Requests() {
            @Override
            public Request get(FetchRequest request, FetchReceiver receiver) {
                FetchRequest.Range range = request.range();
                if (range == null) {
                    throw new AssertionError("a web seed is asked for ranges");
                }
                Asked now = new Asked(Duration.ofNanos(simulation.now()), request.url(), range.from(), range.last());
                asked.add(now);
                Function<Asked, Answer> host = hosts.get(request.url().host());
                Sending sending = new Sending(loop, receiver, host == null ? Answer.unreachable() : host.apply(now));
                loop.schedule(LATENCY, sending::begin);
                return sending;
            }

            @Override
            public void close() {
                open--;
            }
        };
    }

    private static final class Sending implements Request {
        private final Loop loop;
        private final FetchReceiver receiver;
        private final Answer answer;
        private boolean reading = true;
        private boolean waits;
        private boolean ended;
        private int sent;

        Sending(Loop loop, FetchReceiver receiver, Answer answer) {
            this.loop = loop;
            this.receiver = receiver;
            this.answer = answer;
        }

        void begin() {
            if (ended) {
                return;
            }
            if (answer.status() == 0) {
                end(() -> receiver.failed(FetchFailure.UNREACHABLE));
                return;
            }
            HttpHeaders headers = new DefaultHttpHeaders();
            answer.headers().forEach(headers::set);
            receiver.head(answer.status(), headers);
            send();
        }

        private void send() {
            if (ended) {
                return;
            }
            if (!reading) {
                waits = true;
                return;
            }
            int count = Math.min(CHUNK, answer.bytes().length - sent);
            if (count > 0) {
                receiver.body(Unpooled.copiedBuffer(answer.bytes(), sent, count));
                sent += count;
                loop.schedule(Duration.ofNanos(count * 1_000_000_000L / answer.rate()), this::send);
                return;
            }
            switch (answer.end()) {
                case COMPLETE -> end(receiver::completed);
                case BREAK -> end(() -> receiver.failed(FetchFailure.CLOSED));
                case HANG -> {}
            }
        }

        private void end(Runnable call) {
            ended = true;
            call.run();
        }

        @Override
        public void setReading(boolean reads) {
            reading = reads;
            if (reads && waits) {
                waits = false;
                loop.execute(this::send);
            }
        }

        @Override
        public void cancel() {
            loop.execute(() -> {
                if (!ended) {
                    end(() -> receiver.failed(FetchFailure.CANCELLED));
                }
            });
        }
    }
}
