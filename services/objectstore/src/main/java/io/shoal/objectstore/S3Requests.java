package io.shoal.objectstore;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * Counts what went over the wire to the store, one count a request, those that failed included: what a provider bills. Safe
 * for many threads.
 */
public final class S3Requests {
    /** The operations that we use, by what S3 calls them. */
    public enum Kind {
        PUT_OBJECT,
        GET_OBJECT,
        HEAD_OBJECT,
        LIST_OBJECTS,
        DELETE_OBJECTS,
        CREATE_UPLOAD,
        COPY_PART,
        COMPLETE_UPLOAD,
        ABORT_UPLOAD,
        /** Head, create and versioning of the bucket. */
        BUCKET;

        /** Lower case with hyphens: for metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Map<Kind, LongAdder> counts = new EnumMap<>(Kind.class);
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();

    S3Requests() {
        for (Kind kind : Kind.values()) {
            counts.put(kind, new LongAdder());
        }
    }

    /** Requests of {@code kind} since the store was opened. */
    public long count(Kind kind) {
        return counter(kind).sum();
    }

    /** All requests since the store was opened. */
    public long total() {
        return counts.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** Bytes of the bodies of requests. */
    public long bytesSent() {
        return sent.sum();
    }

    /** Bytes of the bodies of answers, as their headers announced them. */
    public long bytesReceived() {
        return received.sum();
    }

    /** Counts one exchange on the network: an interceptor of the HTTP client. */
    Response count(Interceptor.Chain chain) throws IOException {
        Request request = chain.request();
        counter(kind(request)).increment();
        RequestBody body = request.body();
        if (body != null) {
            sent.add(Math.max(0, body.contentLength()));
        }
        Response response = chain.proceed(request);
        ResponseBody answer = response.body();
        if (!request.method().equals("HEAD")) {
            received.add(Math.max(0, answer.contentLength()));
        }
        return response;
    }

    private LongAdder counter(Kind kind) {
        return Objects.requireNonNull(counts.get(kind));
    }

    private static Kind kind(Request request) {
        HttpUrl url = request.url();
        boolean part = url.queryParameter("uploadId") != null;
        boolean versioning = url.queryParameterNames().contains("versioning");
        boolean bucket = url.pathSize() == 1 || url.pathSegments().get(1).isEmpty();
        return switch (request.method()) {
            case "PUT" -> bucket ? Kind.BUCKET : part ? Kind.COPY_PART : Kind.PUT_OBJECT;
            case "HEAD" -> bucket ? Kind.BUCKET : Kind.HEAD_OBJECT;
            case "POST" -> bucket ? Kind.DELETE_OBJECTS : part ? Kind.COMPLETE_UPLOAD : Kind.CREATE_UPLOAD;
            case "DELETE" -> Kind.ABORT_UPLOAD;
            default -> versioning ? Kind.BUCKET : bucket ? Kind.LIST_OBJECTS : Kind.GET_OBJECT;
        };
    }
}
