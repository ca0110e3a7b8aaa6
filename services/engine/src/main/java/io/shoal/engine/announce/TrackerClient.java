package io.shoal.engine.announce;

import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.engine.net.Loop;
import java.time.Duration;
import java.util.function.Consumer;

/** Carries one announce to one tracker. Keeps no schedule: that is the {@link Announcer}'s. */
public interface TrackerClient {
    /**
     * Announces; may be called from anywhere.
     *
     * @param url of the tracker: http, https or udp
     * @param loop where {@code done} is called, exactly once, never during this call
     */
    void announce(String url, AnnounceRequest request, Loop loop, Consumer<AnnounceResult> done);

    /** What has become of an announce. */
    sealed interface AnnounceResult {}

    /** The tracker has answered. */
    record Answered(AnnounceReply reply) implements AnnounceResult {}

    /**
     * It did not come to that.
     *
     * @param code names the failure, see {@link Codes}
     * @param detail what a person may be told besides: at most 200 characters, cleaned, without URLs; often empty
     * @param retryAfter how long the tracker wants to be left alone at least; zero if it does not say
     */
    record Failed(String code, String detail, Duration retryAfter) implements AnnounceResult {
        /** A failure about which there is nothing more to say. */
        public static Failed of(String code) {
            return new Failed(code, "", Duration.ZERO);
        }
    }

    /** Names of failures. An answer with another HTTP status than 200 is {@code http-} and the status. */
    final class Codes {
        /** It took too long. */
        public static final String TIMEOUT = "timeout";
        /** Nobody listens there, or there is no way to it. */
        public static final String UNREACHABLE = "unreachable";
        /** Its name cannot be resolved. */
        public static final String DNS = "dns";
        /** It stands where we must not connect to. */
        public static final String FORBIDDEN = "forbidden-address";
        /** It cannot prove that it is who it should be. */
        public static final String TLS = "tls";
        /** It sends us round and round, or where we do not go. */
        public static final String REDIRECT = "redirect";
        /** Its answer is larger than any should be. */
        public static final String TOO_LARGE = "too-large";
        /** Its answer is not understood. */
        public static final String MALFORMED = "malformed";
        /** It closed the connection before it had answered. */
        public static final String CLOSED = "closed";
        /** It answered that it does not want to: the detail is its reason. */
        public static final String FAILURE = "failure";
        /** The URL cannot be used. */
        public static final String URL = "url";
        /** We are shutting down. */
        public static final String STOPPING = "stopping";

        private Codes() {}
    }
}
