package io.shoal.engine.announce;

import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.engine.net.Loop;
import java.time.Duration;
import java.util.function.Consumer;

/** Sends one announce to one tracker. Keeps no schedule: the {@link Announcer} does. */
public interface TrackerClient extends AutoCloseable {
    /**
     * Announces; may be called from any thread. A tracker with addresses of both families is announced to over both.
     *
     * @param url of the tracker: http, https or udp
     * @param loop where {@code done} is called, never during this call: once with the result, and once more if the
     *     tracker then answers over its other address family, which may know other peers
     */
    void announce(String url, AnnounceRequest request, Loop loop, Consumer<AnnounceResult> done);

    /** Closes the client: announces in progress fail with {@link Codes#STOPPING}. May be called more than once. */
    @Override
    default void close() {
        // Most clients in tests hold nothing.
    }

    /** The result of an announce. */
    sealed interface AnnounceResult {}

    /** The tracker has answered. */
    record Answered(AnnounceReply reply) implements AnnounceResult {}

    /**
     * The tracker did not answer, or refused.
     *
     * @param code names the failure, see {@link Codes}
     * @param detail text for a person: at most 200 characters, cleaned, without URLs; often empty
     * @param retryAfter the shortest time that the tracker asks to wait; zero if it does not say
     */
    record Failed(String code, String detail, Duration retryAfter) implements AnnounceResult {
        /** A failure without further detail. */
        public static Failed of(String code) {
            return new Failed(code, "", Duration.ZERO);
        }
    }

    /** Codes of failures. A response with an HTTP status other than 200 is {@code http-} and the status. */
    final class Codes {
        /** The tracker did not answer in time. */
        public static final String TIMEOUT = "timeout";
        /** Nothing listens there, or there is no route to it. */
        public static final String UNREACHABLE = "unreachable";
        /** Its name cannot be resolved. */
        public static final String DNS = "dns";
        /** The address must not be connected to. */
        public static final String FORBIDDEN = "forbidden-address";
        /** The server's certificate does not prove its identity. */
        public static final String TLS = "tls";
        /** Too many redirects, or one to a target that is not followed. */
        public static final String REDIRECT = "redirect";
        /** The response is larger than allowed. */
        public static final String TOO_LARGE = "too-large";
        /** The response cannot be parsed. */
        public static final String MALFORMED = "malformed";
        /** The server closed the connection before it had answered. */
        public static final String CLOSED = "closed";
        /** The tracker refused: the detail is its reason. */
        public static final String FAILURE = "failure";
        /** The URL cannot be used. */
        public static final String URL = "url";
        /** The engine is shutting down. */
        public static final String STOPPING = "stopping";

        private Codes() {}
    }
}
